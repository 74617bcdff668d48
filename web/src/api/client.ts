/* One way to the server. Every failure becomes an ApiError that carries a problem a person can act on. */
import type { Problem } from './types';

const BASE = '/api/v1';

export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfter: number | null = null, /* seconds */
  ) {
    super(problem.title);
    this.name = 'ApiError';
  }
  /** No answer at all, as against an answer that says no. */
  get unreachable(): boolean {
    return this.problem.status === 0;
  }
}

/* The answer to a request whose token is that of another session: somebody signed in in another tab. */
const isOfAnother = (problem: Problem): boolean => problem.status === 403 && (problem.detail ?? '').includes('X-CSRF-Token');

/** The password that was to prove who asks is not theirs. */
export const isWrongPassword = (error: unknown): boolean =>
  error instanceof ApiError && error.problem.status === 403 && !isOfAnother(error.problem);

const UNREACHABLE: Problem = {
  type: 'urn:farthing:unreachable',
  title: 'No answer from the server',
  status: 0,
  detail: 'The connection failed before an answer came.',
};

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = { type: 'about:blank', title: response.statusText || `Status ${response.status}`, status: response.status };
  const requestId = response.headers.get('x-request-id');
  try {
    return { ...fallback, ...(requestId ? { request_id: requestId } : {}), ...((await response.json()) as Partial<Problem>) };
  } catch {
    return { ...fallback, ...(requestId ? { request_id: requestId } : {}) };
  }
}

declare global {
  interface Window {
    farthingFirst?: Map<string, Promise<Response>>; /* by path: src/first.js asked before we were here */
  }
}

/** An answer that first.js has asked for, once, when it is one that is wanted. */
function firstAnswer(path: string, init: RequestInit): Promise<Response> | null {
  const answer = window.farthingFirst?.get(path);
  if (!answer || (init.method ?? 'GET') !== 'GET') return null;
  window.farthingFirst!.delete(path);
  return answer;
}

/**
 * What has to go with every request that is no GET; who hears that nobody is signed in any more, or somebody else; and who
 * reads the session anew: whether it is still the same person's, and `csrf` that of the session that the browser has now.
 */
export const signedIn: { csrf: string | null; lost: () => void; renew: () => Promise<boolean> } = {
  csrf: null, lost: () => undefined, renew: () => Promise.resolve(false),
};

/* Questions that are too long for an address. */
const QUESTIONS: readonly string[] = ['/costs/query', '/costs/explain', '/forecasts', '/mappings/preview'];

const posts = (method: string | undefined): boolean => method !== undefined && method !== 'GET';

const changes = (method: string | undefined, path: string): boolean => posts(method) && !(method === 'POST' && QUESTIONS.includes(path.split('?')[0]!));

/* Their 401 says no to what was typed, and not that the session is over. */
const ENTRIES = ['/session', '/auth/setup', '/auth/accept', '/auth/invitation'];
const PROVEN = ['/auth/password', '/auth/totp', '/auth/totp/remove']; /* 403 says no to the password */

/** What an answer that says no tells of who is signed in. */
function heed(problem: Problem, path: string, changing: boolean): void {
  const refused = problem.status === 403 && changing && (!PROVEN.includes(path) || isOfAnother(problem));
  if (refused || (problem.status === 401 && !ENTRIES.includes(path))) signedIn.lost();
}

const WAIT_MOST_S = 15; /* longer, one is better told */

/** Seconds after which an answer that says "too many" may be asked for again, where they are few. */
function bearableWait(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after'));
  return response.status === 429 && seconds > 0 && seconds <= WAIT_MOST_S ? seconds : null;
}

const pause = (seconds: number, signal?: AbortSignal | null): Promise<void> =>
  new Promise((resolve, reject) => {
    const over = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => {
      clearTimeout(over);
      reject(new DOMException('cancelled', 'AbortError'));
    });
  });

/**
 * Asks, and again where that helps, once: after the wait that the server names, where nothing is changed by it; and with the
 * token of the session that the browser has now, when the same person has signed in anew in another tab.
 */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const ask = () => {
    const headers = new Headers(init.headers);
    if (signedIn.csrf && posts(init.method)) headers.set('x-csrf-token', signedIn.csrf);
    return fetch(BASE + path, { ...init, headers, credentials: 'same-origin' });
  };
  let response: Response;
  try {
    response = await (firstAnswer(path, init) ?? ask());
    const seconds = changes(init.method, path) ? null : bearableWait(response);
    if (seconds !== null) {
      await pause(seconds, init.signal);
      response = await ask();
    }
    if (posts(init.method) && response.status === 403 && isOfAnother(await problemOf(response.clone())) && (await signedIn.renew())) response = await ask();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(UNREACHABLE);
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  heed(problem, path, posts(init.method));
  throw new ApiError(problem, Number(response.headers.get('retry-after')) || null);
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) });
  return (await response.json()) as T;
}

export const post = <T,>(path: string, body: unknown, signal?: AbortSignal): Promise<T> => sendJson<T>('POST', path, body, signal);

export const patch = <T,>(path: string, body: unknown): Promise<T> => sendJson<T>('PATCH', path, body);

/* An answer without a body is undefined. */
async function sendJson<T>(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const response = await request(path, {
    method,
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export async function remove(path: string): Promise<void> {
  await request(path, { method: 'DELETE' });
}

/**
 * Sends a file as it is and tells how much has gone; fetch() cannot. Aborting stops the transfer.
 */
export async function sendFile<T>(path: string, file: File, onProgress: (sent: number) => void, signal: AbortSignal): Promise<T> {
  try {
    return await sendOnce<T>(path, file, onProgress, signal);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (isOfAnother(error.problem) && (await signedIn.renew())) return sendOnce<T>(path, file, onProgress, signal);
    heed(error.problem, path, true);
    throw error;
  }
}

function sendOnce<T>(path: string, file: File, onProgress: (sent: number) => void, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', BASE + path);
    xhr.setRequestHeader('content-type', 'application/octet-stream');
    if (signedIn.csrf) xhr.setRequestHeader('x-csrf-token', signedIn.csrf);
    xhr.upload.onprogress = (event) => onProgress(event.loaded);
    xhr.onerror = () => reject(new ApiError(UNREACHABLE));
    xhr.onabort = () => reject(new DOMException('cancelled', 'AbortError'));
    xhr.onload = () => {
      let body: unknown = null;
      try {
        body = JSON.parse(xhr.responseText);
      } catch {
        /* an empty or foreign answer is judged by its status alone */
      }
      if (xhr.status >= 200 && xhr.status < 300) {
        resolve(body as T);
        return;
      }
      const problem = { type: 'about:blank', title: `Status ${xhr.status}`, status: xhr.status, ...(body as Partial<Problem> | null) };
      reject(new ApiError(problem));
    };
    signal.addEventListener('abort', () => xhr.abort());
    xhr.send(file);
  });
}
