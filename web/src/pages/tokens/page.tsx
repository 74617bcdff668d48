/* What programs show instead of a password. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post, remove } from '~/api/client';
import { rolesQuery, tokensQuery } from '~/api/people';
import type { Token, TokenCreated } from '~/api/types';
import { countOf } from '~/lib/money';
import { ScopeEditor } from '~/shell/scope-editor';
import { useMay, useSession } from '~/shell/use-session';
import { Field, Pick, Refused } from '~/ui/form';
import { BoxDialog, FormDialog } from '~/ui/form-dialog';
import { Icon } from '~/ui/icon';
import { Segmented } from '~/ui/parts';
import { problemText } from '~/ui/problem';
import { ShownOnce } from '~/ui/secret';
import { Empty, HeadlineToCome, Loaded } from '~/ui/states';
import { useToast } from '~/ui/toast';
import { PermissionBoxes } from '../permission-boxes';
import { whenText } from '../users/words';

type State = 'works' | 'expired' | 'revoked';
const stateOf = (t: Token, now: string): State => (t.revoked_at ? 'revoked' : t.expires_at <= now ? 'expired' : 'works');
const TAGS: Readonly<Record<State, readonly [string, string]>> = { works: ['Works', 'tag tag-good'], expired: ['Expired', 'tag'], revoked: ['Revoked', 'tag'] };

function Headline({ tokens, now }: { tokens: readonly Token[]; now: string }) {
  const working = tokens.filter((t) => stateOf(t, now) === 'works').length;
  const fact = working ? `${countOf(working, 'token works', 'tokens work')}.` : tokens.length ? 'No token works.' : 'No token yet.';
  return <h1>{fact} <span>Each does at most what its person may do.</span></h1>;
}

export function TokensPage() {
  const seesAll = useMay('users.read');
  const session = useSession();
  const [all, setAll] = useState(false);
  /* the owner of the data directory has no account that a token could be of */
  const mine = session?.user !== null;
  const tokens = useQuery(tokensQuery(all || !mine));
  const [making, setMaking] = useState(false);
  const now = new Date().toISOString();
  return (
    <div className="page">
      <div className="head">
        <div>{tokens.data ? <Headline tokens={tokens.data} now={now} /> : tokens.error ? <h1>Tokens.</h1> : <HeadlineToCome lines={1} />}</div>
        {seesAll && mine ? <Segmented label="Whose" value={all ? 'all' : 'own'} onChange={(v) => setAll(v === 'all')} options={[['own', 'Yours'], ['all', 'Everybody’s']]} /> : null}
        {mine ? <button type="button" className="btn btn-ink" onClick={() => setMaking(true)}><Icon name="plus" />New token</button> : null}
      </div>
      <Loaded query={tokens} height={320}>
        {(list) => (list.length ? (
          <TokensTable tokens={list} now={now} whose={all || !mine} />
        ) : (
          <Empty icon="key" title="No token yet" action={mine ? <button type="button" className="btn" onClick={() => setMaking(true)}>Make one</button> : null}>
            Programs send it as “Authorization: Bearer …”.{mine ? '' : ' A token belongs to a person: sign in to make one.'}
          </Empty>
        ))}
      </Loaded>
      {making ? <NewToken onClose={() => setMaking(false)} /> : null}
    </div>
  );
}

function TokensTable({ tokens, now, whose }: { tokens: readonly Token[]; now: string; whose: boolean }) {
  const client = useQueryClient();
  const say = useToast();
  const me = useSession()?.user?.id;
  const mayWrite = useMay('users.write');
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
              <tr key={t.id} className={state === 'works' ? '' : 't3'}>
                <td><span className="nm" title={t.id}>{t.name}</span></td>
                {whose ? <td className="hide-s ell" title={t.user_email}>{t.user_email}</td> : null}
                <td className="hide-s hide-m" title={t.permissions?.join(', ')}>{t.permissions ? countOf(t.permissions.length, 'permission') : 'all of its person’s'}</td>
                <td className="hide-s hide-m fill ell" title={t.scope ?? undefined}>{t.scope ?? 'as its person'}</td>
                <td className="hide-s n">{whenText(t.expires_at)}</td>
                <td className="hide-s n">{whenText(t.last_used_at)}</td>
                <td><span className={TAGS[state][1]}>{TAGS[state][0]}</span></td>
                <td className="r">{state === 'works' && (t.user_id === me || mayWrite) ? <button type="button" className="btn btn-quiet btn-mini" aria-label={`Revoke ${t.name}`} onClick={() => setAsked(t)}>Revoke</button> : null}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {asked ? (
        <FormDialog label="Revoke" title={`Revoke “${asked.name}”?`} act="Revoke it" disabled={revoke.isPending} onSubmit={() => revoke.mutate(asked)} onClose={() => setAsked(null)}>
          <p className="t2">Programs that show it are turned away at once. It cannot be taken back.</p>
        </FormDialog>
      ) : null}
    </div>
  );
}

const DAYS = [['7', '7 days'], ['30', '30 days'], ['90', '90 days'], ['365', 'A year']] as const;

function NewToken({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const own = useSession()?.permissions ?? [];
  const known = useQuery({ ...rolesQuery(), enabled: useMay('users.read') }).data?.permissions; /* with what each allows */
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
      <BoxDialog key="made" label="The token" title={make.data.token.name} stays onClose={onClose} acts={<button type="button" className="btn btn-ink" onClick={onClose}>Done</button>}>
        <ShownOnce label="The token" text={make.data.secret}>It is shown only now: afterwards there is nothing but its hash.</ShownOnce>
      </BoxDialog>
    );
  return (
    <FormDialog label="New token" title="New token" act="Make the token" disabled={make.isPending || (some && !chosen.size)} onSubmit={() => make.mutate()} onClose={onClose}>
      <Refused error={make.error} />
      <Field label="What it is for" required autoFocus maxLength={200} value={name} onChange={(e) => setName(e.target.value)} />
      <Pick label="Works for" value={days} options={DAYS} onChange={setDays} />
      <fieldset className="form-field">
        <legend>May</legend>
        <Segmented label="What it may" value={some ? 'some' : 'all'} onChange={(v) => setSome(v === 'some')} options={[['all', 'All that you may'], ['some', 'Only some']]} />
        {some ? <PermissionBoxes permissions={own.map((name) => known?.find((p) => p.name === name) ?? { name })} chosen={chosen} onChange={setChosen} /> : null}
      </fieldset>
      <ScopeEditor value={scope} onChange={setScope} everything="All charges that you see." />
    </FormDialog>
  );
}
