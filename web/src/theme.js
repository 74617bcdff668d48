/* Sets the theme before the first paint. A choice is kept by the browser; without one the system decides. */
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('farthing.theme');
  } catch {
    /* storage may be forbidden: then the system decides */
  }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
