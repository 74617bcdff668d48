/*
 * Focus is never lost. What had it may go: a menu closes, a dialog whose opener has gone, a row that was removed. The browser
 * then has the focus on nothing, and keys begin at the top of the page. It goes instead to what has taken the place, or back to
 * what had it before.
 */

const TRAIL = 8;
const PASSING = '[role=menu], dialog, .pop, .toast'; /* what closes again */
const ITEMS = 'tr, li, article, .chip';
const FOCUSABLE = 'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex="0"]';
/* Whoever closes something may have an own idea of where the focus goes; this is later. */
const SETTLED_MS = 60;

type Focusable = HTMLElement | SVGElement;

/** Where something stood before it was removed, and which of the focusable parts in it had the focus. */
interface Place {
  node: Element;
  next: Node | null;
  previous: Node | null;
  parent: Node;
  at: number;
}

const focusables = (node: Element): Focusable[] => [...(node.matches(FOCUSABLE) ? [node as Focusable] : []), ...node.querySelectorAll<Focusable>(FOCUSABLE)];

const canHave = (element: Element): element is Focusable =>
  element.isConnected && element.checkVisibility() && !element.closest('[inert], [aria-hidden=true]') && element !== document.body;

function given(element: Element | null | undefined): boolean {
  if (!element || !canHave(element)) return false;
  element.focus();
  return document.activeElement === element;
}

const isPage = (element: Element): boolean => element.id === 'page' || element.contains(document.getElementById('page'));

/* Without signs, like the arrow of a column that is sorted by. */
const nameOf = (element: Element): string =>
  element.getAttribute('aria-label') ?? [...element.childNodes].map((n) => (n instanceof Element && n.ariaHidden === 'true' ? '' : n.textContent)).join('').trim();

const isSame = (a: Element, b: Element): boolean => a.tagName === b.tagName && nameOf(a) === nameOf(b);

/** The same thing, drawn anew. */
const anew = (element: Element, parent: Element): boolean => given(focusables(parent).find((e) => isSame(e, element)));

/** In the row, chip or tile beside it: what stands there as this did here. */
function beside({ node, next, previous, at }: Place): boolean {
  for (const sibling of node.matches(ITEMS) ? [next, previous] : []) {
    if (!(sibling instanceof Element) || sibling.tagName !== node.tagName) continue;
    const own = focusables(sibling).filter(canHave);
    if (given(own[Math.min(Math.max(at, 0), own.length - 1)])) return true;
  }
  return false;
}

/** Where something on the page has gone. */
function insteadOf(element: Element, place: Place): boolean {
  const { parent } = place;
  if (!(parent instanceof Element) || !parent.isConnected || isPage(parent)) return false;
  if (anew(element, parent) || beside(place)) return true;
  const around = parent.closest('[tabindex], dialog[open]');
  return around !== null && !isPage(around) && given(around);
}

/** Watches until it is told to stop. */
export function keepFocus(): () => void {
  let trail: Focusable[] = []; /* what has had it, the last one last */
  const places = new WeakMap<Element, Place>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const onFocus = (event: FocusEvent) => {
    const target = event.target;
    if (!(target instanceof HTMLElement || target instanceof SVGElement) || target === document.body) return;
    trail = [...trail.filter((t) => t !== target), target].slice(-TRAIL);
  };
  const restore = () => {
    if (document.activeElement && document.activeElement !== document.body) return;
    for (const element of [...trail].reverse()) {
      if (given(element)) return;
      const place = places.get(element);
      if (!place || element.closest(PASSING)) continue;
      if (insteadOf(element, place)) return;
      break;
    }
    const dialog = [...document.querySelectorAll('dialog[open]')].at(-1);
    given(dialog ? focusables(dialog).find(canHave) : document.getElementById('page'));
  };
  const onChange = (records: MutationRecord[]) => {
    const last = trail.at(-1);
    if (!last) return;
    for (const { removedNodes, nextSibling, previousSibling, target } of records)
      for (const node of removedNodes) {
        if (!(node instanceof Element)) continue;
        for (const element of trail)
          /* or what it stood in, once it was drawn anew there */
          if (!element.isConnected && (node.contains(element) || node.contains(places.get(element)?.parent ?? null)))
            places.set(element, { node, next: nextSibling, previous: previousSibling, parent: target, at: focusables(node).findIndex((e) => isSame(e, element)) });
      }
    if (last.isConnected || (document.activeElement && document.activeElement !== document.body)) return;
    clearTimeout(timer);
    timer = setTimeout(restore, SETTLED_MS);
  };
  const watch = new MutationObserver(onChange);
  watch.observe(document.body, { childList: true, subtree: true });
  addEventListener('focusin', onFocus);
  return () => {
    watch.disconnect();
    removeEventListener('focusin', onFocus);
    clearTimeout(timer);
  };
}
