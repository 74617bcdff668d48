/* The icons: 16 px, one stroke. Beside words they are decoration and hidden from readers. */
const PATHS = {
  overview: 'M2.5 13.5v-5M6.2 13.5v-8M9.8 13.5V7.5M13.5 13.5v-11',
  explore: 'M2.5 2.5v11h11M5 10l3-3.5 2 2 3.5-4.5',
  board: 'M2.5 2.5h5v6h-5zM10 2.5h3.5v3.5H10zM10 8.5h3.5v5H10zM2.5 11h5v2.5h-5z',
  starred: 'M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5zM5 7l6 0M5.5 9h5M7 5h2',
  pin: 'M6 2.5h4l-.5 4 2.5 2.5H4l2.5-2.5zM8 9v4.5',
  folder: 'M2 4h4l1.5 1.5H14V13H2z',
  drag: 'M6 4v.1M10 4v.1M6 8v.1M10 8v.1M6 12v.1M10 12v.1',
  edit: 'M3 13l.6-2.6 7-7 2 2-7 7zM9.6 4.4l2 2',
  source: 'M3 4c0-1.1 2.2-2 5-2s5 .9 5 2-2.2 2-5 2-5-.9-5-2zM3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4M3 8c0 1.1 2.2 2 5 2s5-.9 5-2',
  balance: 'M8 2.5v11M4.5 13.5h7M2.5 4.5h11M3.5 4.5 1.5 9.5a2 2 0 0 0 4 0zM12.5 4.5l-2 5a2 2 0 0 0 4 0z',
  pulse: 'M1.5 9.5H4l1.8-6 3 9.5 2-6 .9 2.5h2.8',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8V8l2.2 1.6',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.4 3.4',
  calendar: 'M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.5v2.5M10.5 2.5v2.5',
  down: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  x: 'M4 4l8 8M12 4l-8 8',
  plus: 'M8 3v10M3 8h10',
  share: 'M8 10V2.5M5 5l3-3 3 3M3 9v4.5h10V9',
  star: 'M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5z',
  filter: 'M2 4h12M4.5 8h7M6.5 12h3',
  drill: 'M3 3v5.5h9M9.5 5.5l3 3-3 3',
  rows: 'M2.5 3.5h11M2.5 6.5h11M2.5 9.5h11M2.5 12.5h11',
  minus: 'M3 8h10',
  box: 'M2.5 5 8 2l5.5 3v6L8 14l-5.5-3zM2.5 5 8 8l5.5-3M8 8v6',
  download: 'M8 2.5V10M5 7.5l3 3 3-3M3 13.5h10',
  code: 'M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5',
  warn: 'M8 2.2 14.3 13H1.7zM8 6.5v3M8 11.3v.1',
  check: 'M3 8.5l3.2 3.2L13 5',
  file: 'M4 2h5.5L12.5 5v9h-8.5zM9.2 2v3.2h3.2',
  link: 'M6.5 9.5l3-3M5.5 7.5 4 9a2.5 2.5 0 0 0 3.5 3.5L9 11M7 5l1.5-1.5A2.5 2.5 0 0 1 12 7l-1.5 1.5',
  refresh: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3',
  lock: 'M4 7h8v6.5H4zM5.5 7V5a2.5 2.5 0 0 1 5 0v2',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M3.4 12.6l1.1-1.1M11.5 4.5l1.1-1.1',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z',
  screen: 'M2 3h12v8H2zM6 13.5h4',
  help: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM6.3 6.3a1.75 1.75 0 1 1 2.5 1.6c-.6.3-.8.6-.8 1.2M8 11.3v.1',
  up: 'M8 13V3M4 7l4-4 4 4',
  fall: 'M8 3v10M4 9l4 4 4-4',
  note: 'M3 2.5h10v7L9 13.5H3zM9 13.5v-4h4',
  trash: 'M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.7 9h5.6l.7-9',
  person: 'M8 2.5a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM2.8 13.5c.4-2.6 2.5-4 5.2-4s4.8 1.4 5.2 4',
  key: 'M10.5 2.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8.3 7.7l-5.8 5.8M4.5 11.5l1.5 1.5',
  out: 'M6.5 2.5h-4v11h4M6.5 8h7M10.5 5l3 3-3 3',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  table: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.7h11M6.5 6.3V13',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, small, className }: { name: IconName; small?: boolean; className?: string }) {
  return (
    <svg className={`i${small ? ' c' : ''}${className ? ` ${className}` : ''}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A coin cut in four, one quarter lifted: a farthing is a fourth. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 20 20" aria-hidden="true">
      <path d="M9.2 2.1A8 8 0 1 0 17.9 10.8H9.2z" fill="currentColor" />
      <path d="M11 1a8 8 0 0 1 8 8h-8z" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" />
    </svg>
  );
}
