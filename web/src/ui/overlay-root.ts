/*
 * Where menus are drawn: inside the page, which is a landmark, or inside the modal dialog that opened them,
 * because everything outside of that cannot be reached.
 */
import { createContext, use } from 'react';

export const OverlayRoot = createContext<HTMLElement | null>(null);

export const useOverlayRoot = (): HTMLElement | null => use(OverlayRoot) ?? document.querySelector('main');
