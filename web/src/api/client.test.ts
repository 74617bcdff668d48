import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { get, isWrongPassword, patch, post, remove, signedIn } from './client';

const lost = vi.fn();

/** What `act` fails with when the server says no with `status` and `detail`. */
async function failureOf(act: () => Promise<unknown>, status: number, detail: string): Promise<unknown> {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify({ type: 'about:blank', title: 'No', status, detail }), { status })));
  return act().catch((error: unknown) => error);
}

const NOT_THEIRS = 'a request with a cookie needs its X-CSRF-Token';

describe('an answer that says no', () => {
  beforeEach(() => {
    vi.stubGlobal('window', {});
    lost.mockClear();
    signedIn.lost = lost;
  });
  afterEach(() => vi.unstubAllGlobals());

  it('tells a wrong password from a session that is over', async () => {
    const wrong = await failureOf(() => post('/auth/password', {}), 403, 'the password is not right');
    expect([isWrongPassword(wrong), lost.mock.calls.length]).toEqual([true, 0]);
    const over = await failureOf(() => post('/auth/password', {}), 401, 'not signed in');
    expect([isWrongPassword(over), lost.mock.calls.length]).toEqual([false, 1]);
  });
  it('asks who is signed in when the token is that of another session', async () => {
    const other = await failureOf(() => post('/auth/totp', {}), 403, NOT_THEIRS);
    expect([isWrongPassword(other), lost.mock.calls.length]).toEqual([false, 1]);
    await failureOf(() => remove('/users/1/sessions'), 403, 'permission users.write is needed');
    expect(lost).toHaveBeenCalledTimes(2);
  });
  it('does not take a refused entry for the end of a session', async () => {
    for (const path of ['/session', '/auth/setup', '/auth/accept', '/auth/invitation']) await failureOf(() => post(path, {}), 401, 'no');
    expect(lost).not.toHaveBeenCalled();
  });
});

describe('a token that is of another session', () => {
  const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
  const refused = () => new Response(JSON.stringify({ type: 'about:blank', title: 'No', status: 403, detail: NOT_THEIRS }), { status: 403 });
  const sent = () => fetched.mock.calls.map(([, init]) => new Headers(init.headers).get('x-csrf-token'));

  beforeEach(() => {
    vi.stubGlobal('window', {});
    vi.stubGlobal('fetch', fetched);
    fetched.mockReset();
    lost.mockClear();
    signedIn.lost = lost;
    signedIn.csrf = 'old';
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    signedIn.csrf = null;
    signedIn.renew = () => Promise.resolve(false);
  });
  const renewed = (same: boolean) => {
    signedIn.renew = () => {
      signedIn.csrf = 'new';
      return Promise.resolve(same);
    };
  };

  it('is replaced, and the change made, when the session is still the same person’s', async () => {
    renewed(true);
    fetched.mockResolvedValueOnce(refused()).mockResolvedValueOnce(new Response('{"a":1}'));
    expect(await post('/views', { name: 'x' })).toEqual({ a: 1 });
    expect(sent()).toEqual(['old', 'new']);
    expect(fetched.mock.calls[1]![1].body).toBe('{"name":"x"}');
    expect(lost).not.toHaveBeenCalled();
  });
  it('is tried once, and never in the name of somebody else', async () => {
    renewed(true);
    fetched.mockImplementation(() => Promise.resolve(refused()));
    await expect(post('/views', {})).rejects.toMatchObject({ problem: { status: 403 } });
    expect(fetched).toHaveBeenCalledTimes(2);
    renewed(false);
    await expect(remove('/views/1')).rejects.toMatchObject({ problem: { status: 403 } });
    expect(fetched).toHaveBeenCalledTimes(3);
    expect(lost).toHaveBeenCalledTimes(2);
  });
});

describe('an answer that says "too many"', () => {
  const tooMany = (seconds: string) => new Response('{"status":429}', { status: 429, headers: { 'retry-after': seconds } });
  const fetched = vi.fn<() => Promise<Response>>();

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('window', {});
    vi.stubGlobal('fetch', fetched);
    fetched.mockReset();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is asked for again, once, when the wait is short', async () => {
    fetched.mockResolvedValueOnce(tooMany('3')).mockResolvedValueOnce(new Response('{"a":1}'));
    const answer = get('/views');
    await vi.advanceTimersByTimeAsync(2900);
    expect(fetched).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(await answer).toEqual({ a: 1 });
    fetched.mockImplementation(() => Promise.resolve(tooMany('1')));
    const refused = get('/views').catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1100);
    expect(await refused).toMatchObject({ problem: { status: 429 }, retryAfter: 1 });
    expect(fetched).toHaveBeenCalledTimes(4);
  });
  it('is asked for again when it was a question that is posted', async () => {
    for (const path of ['/costs/query', '/costs/query?cursor=x', '/costs/explain', '/forecasts', '/mappings/preview']) {
      fetched.mockReset();
      fetched.mockResolvedValueOnce(tooMany('1')).mockResolvedValueOnce(new Response('{"a":1}'));
      const answer = post(path, {});
      await vi.advanceTimersByTimeAsync(1100);
      expect(await answer).toEqual({ a: 1 });
      expect(fetched).toHaveBeenCalledTimes(2);
    }
  });
  it('is told at once when the wait is long, or something was to be changed', async () => {
    fetched.mockImplementation(() => Promise.resolve(tooMany('61')));
    await expect(get('/views')).rejects.toMatchObject({ retryAfter: 61 });
    fetched.mockImplementation(() => Promise.resolve(tooMany('1')));
    await expect(post('/views', {})).rejects.toMatchObject({ retryAfter: 1 });
    await expect(patch('/costs/query', {})).rejects.toMatchObject({ retryAfter: 1 });
    expect(fetched).toHaveBeenCalledTimes(3);
  });
  it('is not waited for by whom it no longer concerns', async () => {
    const leaving = new AbortController();
    fetched.mockResolvedValueOnce(tooMany('3'));
    const answer = get('/views', leaving.signal).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(100);
    leaving.abort();
    expect(await answer).toMatchObject({ name: 'AbortError' });
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});
