/*
 * What cannot wait for the modules: the theme, before the first paint; the code of the page in the address bar; and
 * the two answers that every page begins with: who asks, and how the month stands. The build writes PAGES: the files of each page, by path.
 */
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('farthing.theme');
    if (localStorage.getItem('farthing.density') === 'compact') document.documentElement.dataset.density = 'compact';
  } catch {
    /* storage may be forbidden: then the system decides */
  }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';

  (PAGES[location.pathname] || []).forEach(function (file) {
    var link = document.createElement('link');
    link.rel = 'modulepreload';
    link.href = file;
    document.head.appendChild(link);
  });

  var metric = new URLSearchParams(location.search).get('metric') || 'effective_cost';
  var asked = ['/session'];
  /* whoever follows a one-time link sees no costs yet */
  if (location.pathname !== '/setup' && location.pathname !== '/accept') asked.push('/costs/summary?metric=' + encodeURIComponent(metric));
  window.farthingFirst = new Map();
  asked.forEach(function (path) {
    var answer = fetch('/api/v1' + path, { headers: { accept: 'application/json' }, credentials: 'same-origin' });
    answer.catch(function () {});
    window.farthingFirst.set(path, answer);
  });
})();
