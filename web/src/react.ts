/* Run before main.tsx as a script of its own: the two longest pieces of work before the first drawing are two tasks. */
import 'react-dom/client';
