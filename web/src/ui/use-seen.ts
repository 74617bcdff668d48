import { useEffect, useRef, useState, type RefObject } from 'react';

/** True from when it first came near the window: what stands below does not ask at once. On paper all are near. */
export function useSeen<T extends Element = HTMLElement>(): readonly [RefObject<T | null>, boolean] {
  const ref = useRef<T>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (seen || !ref.current) return undefined;
    const watch = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && setSeen(true), { rootMargin: '160px' });
    watch.observe(ref.current);
    const print = () => setSeen(true);
    addEventListener('beforeprint', print);
    return () => {
      watch.disconnect();
      removeEventListener('beforeprint', print);
    };
  }, [seen]);
  return [ref, seen] as const;
}
