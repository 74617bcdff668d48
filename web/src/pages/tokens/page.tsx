/* What programs show instead of a password. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post, remove } from '~/api/client';
import { tokensQuery } from '~/api/people';
import type { Token, TokenCreated } from '~/api/types';
import { countOf } from '~/lib/money';
import { ScopeEditor } from '~/shell/scope-editor';
import { useMay, useSession } from '~/shell/use-session';
import { Dialog } from '~/ui/dialog';
import { Field, Pick, Refused } from '~/ui/form';
import { problemText } from '~/ui/problem';
import { Icon } from '~/ui/icon';
import { Segmented } from '~/ui/parts';
import { ShownOnce } from '~/ui/secret';
import { Empty, HeadlineToCome, PageFailed, Skeleton } from '~/ui/states';
import { useToast } from '~/ui/toast';
import { whenText } from '../users/words';

type State = 'good' | 'expired' | 'revoked';
const stateOf = (t: Token, now: string): State => (t.revoked_at ? 'revoked' : t.expires_at <= now ? 'expired' : 'good');
const TAGS: Readonly<Record<State, readonly [string, string]>> = { good: ['Good', 'tag tag-good'], expired: ['Expired', 'tag'], revoked: ['Revoked', 'tag'] };

export function TokensPage() {
  const seesAll = useMay('users.read');
  const session = useSession();
  const [all, setAll] = useState(false);
  const tokens = useQuery(tokensQuery(all || !session?.user));
  const [making, setMaking] = useState(false);
  const now = new Date().toISOString();
  if (tokens.error && !tokens.data) return <PageFailed error={tokens.error} onRetry={() => void tokens.refetch()} />;
  if (!tokens.data)
    return (
      <div className="page" aria-busy="true">
        <div className="head"><div><HeadlineToCome /></div></div>
        <Skeleton height={320} />
      </div>
    );
  const good = tokens.data.filter((t) => stateOf(t, now) === 'good').length;
  /* the owner of the data directory has no account that a token could be of */
  const mine = session?.user != null;
  return (
    <div className="page">
      <div className="head">
        <div><h1>{good ? `${countOf(good, 'token is', 'tokens are')} good.` : 'No token.'} <span>Each does at most what its person may do.</span></h1></div>
        {seesAll && mine ? <Segmented label="Whose" value={all ? 'all' : 'own'} onChange={(v) => setAll(v === 'all')} options={[['own', 'Yours'], ['all', 'Everybody’s']]} /> : null}
        {mine ? <button type="button" className="btn btn-ink" onClick={() => setMaking(true)}><Icon name="plus" />New token</button> : null}
      </div>
      {tokens.data.length ? (
        <TokensTable tokens={tokens.data} now={now} whose={all || !mine} />
      ) : (
        <Empty icon="key" title="No token yet" action={mine ? <button type="button" className="btn" onClick={() => setMaking(true)}>Make one</button> : null}>
          Programs send it as “Authorization: Bearer …”.{mine ? '' : ' A token belongs to a person: sign in to make one.'}
        </Empty>
      )}
      {making ? <NewToken onClose={() => setMaking(false)} /> : null}
    </div>
  );
}

function TokensTable({ tokens, now, whose }: { tokens: readonly Token[]; now: string; whose: boolean }) {
  const client = useQueryClient();
  const say = useToast();
  const [asked, setAsked] = useState<Token | null>(null);
  const revoke = useMutation({
    mutationFn: (token: Token) => remove(`/tokens/${encodeURIComponent(token.id)}`),
    onSuccess: (_, token) => {
      void client.invalidateQueries({ queryKey: ['people', 'tokens'] });
      setAsked(null);
      say(`“${token.name}” is revoked`);
    },
    onError: (error) => say(problemText(error), { bad: true }),
  });
  return (
    <div className="scroller">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            {whose ? <th scope="col" className="hide-s">Whose</th> : null}
            <th scope="col" className="hide-s hide-m">May</th>
            <th scope="col" className="hide-s hide-m">Sees</th>
            <th scope="col" className="hide-s">Expires, UTC</th>
            <th scope="col" className="hide-s">Last used, UTC</th>
            <th scope="col">State</th>
            <th scope="col"><span className="sr">Revoke</span></th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((t) => {
            const state = stateOf(t, now);
            return (
              <tr key={t.id} className={state === 'good' ? '' : 't3'}>
                <td><span className="nm" title={t.id}>{t.name}</span></td>
                {whose ? <td className="hide-s ell" title={t.user_email}>{t.user_email}</td> : null}
                <td className="hide-s hide-m" title={t.permissions?.join(', ')}>{t.permissions ? countOf(t.permissions.length, 'permission') : 'all of its person’s'}</td>
                <td className="hide-s hide-m fill ell" title={t.scope ?? undefined}>{t.scope ?? 'as its person'}</td>
                <td className="hide-s n">{whenText(t.expires_at)}</td>
                <td className="hide-s n">{whenText(t.last_used_at)}</td>
                <td><span className={TAGS[state][1]}>{TAGS[state][0]}</span></td>
                <td className="r">{state === 'good' ? <button type="button" className="btn btn-quiet btn-mini" aria-label={`Revoke ${t.name}`} onClick={() => setAsked(t)}>Revoke</button> : null}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {asked ? (
        <Dialog label="Revoke" className="pop form-pop" onClose={() => setAsked(null)}>
          <div className="sec"><h2>Revoke “{asked.name}”?</h2></div>
          <p className="t2">Programs that show it are turned away at once. It cannot be taken back.</p>
          <div className="form-acts">
            <button type="button" className="btn" onClick={() => setAsked(null)}>Cancel</button>
            <button type="button" className="btn btn-ink" disabled={revoke.isPending} onClick={() => revoke.mutate(asked)}>Revoke it</button>
          </div>
        </Dialog>
      ) : null}
    </div>
  );
}

const DAYS = [['7', '7 days'], ['30', '30 days'], ['90', '90 days'], ['365', 'A year']] as const;

function NewToken({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const own = useSession()?.permissions ?? [];
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const [scope, setScope] = useState<string | null>(null);
  const [some, setSome] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(own.filter((p) => p.endsWith('.read'))));
  const make = useMutation({
    mutationFn: () => post<TokenCreated>('/tokens', { name: name.trim(), expires_days: Number(days), scope, permissions: some ? [...chosen] : null }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['people', 'tokens'] }),
  });
  if (make.data)
    return (
      <Dialog label="The token" className="pop form-pop" onClose={onClose}>
        <div className="sec"><h2>{make.data.token.name}</h2></div>
        <ShownOnce label="The token" text={make.data.secret}>It is shown only now: afterwards there is nothing but its hash.</ShownOnce>
        <div className="form-acts"><button type="button" className="btn btn-ink" onClick={onClose}>Done</button></div>
      </Dialog>
    );
  return (
    <Dialog label="New token" className="pop form-pop" onClose={onClose}>
      <div className="sec"><h2>New token</h2></div>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Refused error={make.error} />
        <Field label="What it is for" required autoFocus maxLength={200} value={name} onChange={(e) => setName(e.target.value)} />
        <Pick label="Good for" value={days} options={DAYS} onChange={setDays} />
        <fieldset className="form-field">
          <legend>May</legend>
          <Segmented label="What it may" value={some ? 'some' : 'all'} onChange={(v) => setSome(v === 'some')} options={[['all', 'All that you may'], ['some', 'Only some']]} />
          {some ? own.map((p) => (
            <label key={p} className="check">
              <input type="checkbox" checked={chosen.has(p)} onChange={() => setChosen(new Set(chosen.has(p) ? [...chosen].filter((x) => x !== p) : [...chosen, p]))} />
              <span className="mono">{p}</span>
            </label>
          )) : null}
        </fieldset>
        <ScopeEditor value={scope} onChange={setScope} everything="All charges that you see." />
        <div className="form-acts">
          <button type="button" className="btn" onClick={onClose}>Cancel</button>
          <button type="submit" className="btn btn-ink" disabled={make.isPending || (some && !chosen.size)}>Make the token</button>
        </div>
      </form>
    </Dialog>
  );
}
