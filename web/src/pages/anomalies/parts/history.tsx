/* What happened to a case and what was said of it, and a place to say more. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { caseQuery, commentOn } from '~/api/anomalies';
import type { AnomalyDetail } from '~/api/types';
import { instantText, type Day } from '~/lib/dates';
import { Refused } from '~/ui/form';
import { Icon } from '~/ui/icon';
import { eventText, saidText, whoText } from '../words';

const MOST = 4000;

export function History({ c, today, mayDecide, wanted, onThere }: {
  c: AnomalyDetail;
  today: Day;
  mayDecide: boolean;
  wanted: boolean; /* somebody pressed c */
  onThere: () => void;
}) {
  return (
    <section aria-label="History">
      <div className="sec mt-5"><h2>What happened</h2></div>
      <ol className="events">
        {c.history.map((e, i) => (
          <li key={i}>
            <span className="t3 s n">{instantText(e.at, today)}</span>
            <div>
              <b className="b">{whoText(e)}</b> <span className="t2">{eventText(e, today)}</span>
              {saidText(e) ? <p>{saidText(e)}</p> : null}
            </div>
          </li>
        ))}
      </ol>
      {mayDecide ? <Comment id={c.id} wanted={wanted} onThere={onThere} /> : null}
    </section>
  );
}

function Comment({ id, wanted, onThere }: { id: string; wanted: boolean; onThere: () => void }) {
  const client = useQueryClient();
  const [text, setText] = useState('');
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (!wanted) return;
    box.current?.focus();
    box.current?.scrollIntoView({ block: 'nearest' });
    onThere();
  }, [wanted, onThere]);
  const send = useMutation({
    mutationFn: () => commentOn(id, text.trim()),
    onSuccess: async () => {
      setText('');
      await client.invalidateQueries({ queryKey: caseQuery(id).queryKey });
    },
  });
  const said = text.trim() !== '' && !send.isPending;
  return (
    <form
      className="comment"
      onSubmit={(event) => {
        event.preventDefault();
        if (said) send.mutate();
      }}
    >
      <Refused error={send.error} />
      <textarea
        ref={box} className="field area" rows={2} aria-label="Comment" placeholder="Say something" maxLength={MOST} value={text}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={(e) => {
          if (e.key === 'Escape') e.currentTarget.blur();
          if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) e.currentTarget.form?.requestSubmit();
        }}
      />
      <button type="submit" className="btn" disabled={!said}><Icon name="note" />Comment</button>
      <span className="t3 s hide-s">Ctrl + Enter</span>
    </form>
  );
}
