/* Notes on days: read, said and taken back. They belong to everyone who sees the charts. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post, remove } from '~/api/client';
import type { Annotation } from '~/api/types';
import { dayText, isDay } from '~/lib/dates';
import { May } from '~/shell/may';
import { useMay } from '~/shell/use-session';
import { Dialog } from '~/ui/dialog';
import { Icon } from '~/ui/icon';
import { problemText } from '~/ui/problem';
import { useToast } from '~/ui/toast';

/** Which notes are open, and on which day a new one would be. */
export interface NoteAsked {
  date: string;
  notes: readonly Annotation[];
}

function useNotes(onDone: () => void) {
  const client = useQueryClient();
  const say = useToast();
  const done = (text: string) => {
    void client.invalidateQueries({ queryKey: ['annotations'] });
    say(text);
    onDone();
  };
  const failed = (error: unknown) => say(problemText(error), { bad: true });
  const add = useMutation({
    mutationFn: (note: { date: string; text: string }) => post<Annotation>('/annotations', note),
    onSuccess: (note) => done(`Note on ${dayText(note.date)} added`),
    onError: failed,
  });
  const drop = useMutation({
    mutationFn: (id: string) => remove(`/annotations/${encodeURIComponent(id)}`),
    onSuccess: () => done('Note removed'),
    onError: failed,
  });
  return { add, drop };
}

export function NoteDialog({ date, notes, onClose }: NoteAsked & { onClose: () => void }) {
  const { add, drop } = useNotes(onClose);
  const mayWrite = useMay('annotations.write');
  const [bad, setBad] = useState(false);
  return (
    <Dialog label={notes.length ? 'Notes' : 'Add a note'} className="pop note-box" onClose={onClose}>
      <div className="sec">
        <h2>{notes.length === 1 ? 'Note' : notes.length ? 'Notes' : 'Add a note'}</h2>
        <span className="grow" />
        <button type="button" className="btn btn-quiet btn-icon" aria-label="Close" onClick={onClose}><Icon name="x" /></button>
      </div>
      {notes.length ? (
        <ul className="list">
          {notes.map((n) => (
            <li key={n.id}>
              <b>{n.text}</b>
              {mayWrite ? <button type="button" className="btn btn-quiet btn-icon" aria-label={`Remove the note ${n.text}`} disabled={drop.isPending} onClick={() => drop.mutate(n.id)}>
                <Icon name="trash" />
              </button> : null}
              <span className="d n">{dayText(n.date)}</span>
            </li>
          ))}
        </ul>
      ) : null}
      <May needs={['annotations.write']}>
        <form
          className="grid gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            const data = new FormData(event.currentTarget);
            const note = { date: String(data.get('date')), text: String(data.get('text')).trim() };
            if (!isDay(note.date) || !note.text) setBad(true);
            else add.mutate(note);
          }}
        >
          <label className="grid gap-1 s t2">
            What happened
            <input className="field" name="text" maxLength={200} required autoComplete="off" placeholder="Load test" autoFocus={!notes.length} />
          </label>
          <label className="grid gap-1 s t2">
            Day
            <input className="field" type="date" name="date" required defaultValue={date.slice(0, 10)} />
          </label>
          {bad ? <p className="s bad" role="alert">A note needs a day and a few words.</p> : null}
          <button type="submit" className="btn justify-center" disabled={add.isPending}>{notes.length ? 'Add another' : 'Add the note'}</button>
        </form>
      </May>
    </Dialog>
  );
}
