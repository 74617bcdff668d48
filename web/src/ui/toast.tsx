/* Short news at the foot of the page. It stays while the pointer is on it; errors stay until they are closed. */
import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import { Icon } from './icon';

interface News {
  id: number;
  text: string;
  bad?: boolean;
  action?: { label: string; run: () => void };
}

type Say = (text: string, options?: { bad?: boolean; action?: News['action'] }) => void;

const ToastContext = createContext<Say>(() => undefined);
const STAY_MS = 6000;

export function useToast(): Say {
  return use(ToastContext);
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [news, setNews] = useState<readonly News[]>([]);
  const next = useRef(1);
  const timers = useRef(new Map<number, ReturnType<typeof setTimeout>>());
  const drop = useCallback((id: number) => setNews((all) => all.filter((n) => n.id !== id)), []);
  const arm = useCallback(
    (id: number) => {
      timers.current.set(id, setTimeout(() => drop(id), STAY_MS));
    },
    [drop],
  );
  const say = useCallback<Say>(
    (text, options = {}) => {
      const id = next.current++;
      setNews((all) => [...all.slice(-2), { id, text, ...options } as News]);
      if (!options.bad) arm(id);
    },
    [arm],
  );
  const value = useMemo(() => say, [say]);
  return (
    <ToastContext value={value}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {news.map((n) => (
          <div
            key={n.id}
            className="toast"
            onPointerEnter={() => clearTimeout(timers.current.get(n.id))}
            onPointerLeave={() => !n.bad && arm(n.id)}
          >
            <Icon name={n.bad ? 'warn' : 'check'} />
            <span>{n.text}</span>
            <button
              type="button"
              onClick={() => {
                n.action?.run();
                drop(n.id);
              }}
            >
              {n.action?.label ?? 'Close'}
            </button>
          </div>
        ))}
      </div>
    </ToastContext>
  );
}
