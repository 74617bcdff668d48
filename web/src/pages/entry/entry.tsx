/* The sheet on which people come in: nothing but the mark, a sentence and a form. */
import { useEffect, type ReactNode } from 'react';
import { Mark } from '~/ui/icon';

export function Entry({ title, sense, children }: { title: string; sense?: ReactNode; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Farthing`;
  }, [title]);
  return (
    <main className="entry">
      <div>
        <p className="brand"><Mark />Farthing</p>
        <h1>{title} {sense ? <span>{sense}</span> : null}</h1>
        {children}
      </div>
    </main>
  );
}
