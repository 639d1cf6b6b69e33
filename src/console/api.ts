// Client of the API for the pages: asks as whoever is signed in, and gives answers and problems as values.
import { signal } from '@preact/signals';

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T; readonly next: string | undefined }
  | { readonly kind: 'problem'; readonly problem: Problem };

const TOKEN = 'order-saga-token';

/** Kept for this tab only. Empty: nobody is signed in by token (the platform may have signed the reader in). */
export const token = signal(sessionStorage.getItem(TOKEN) ?? '');

export function signIn(value: string): void {
  token.value = value;
  if (value === '') sessionStorage.removeItem(TOKEN);
  else sessionStorage.setItem(TOKEN, value);
}

/** Why the link that led here did not sign in; empty when it did, or there was none. */
export const linkTrouble = signal('');

/** Where a code that is good once is exchanged for a token. */
const LINK = '/.auth/login/link';

/** A link may bring a token or a code behind `#`, which no server and no log sees; the address forgets it at once. */
export async function takeSignInFromAddress(): Promise<void> {
  const given = new URLSearchParams(location.hash.slice(1));
  const [bearer, code] = [given.get('token'), given.get('code')];
  if (bearer === null && code === null) return;
  history.replaceState(null, '', location.pathname + location.search);
  if (bearer !== null) signIn(bearer);
  if (code === null) return;
  const answer = await ask<{ readonly token: string }>('POST', LINK, { body: JSON.stringify({ code }) });
  if (answer.kind === 'ok') signIn(answer.value.token);
  else linkTrouble.value = answer.problem.detail;
}

/** What an answer says that is text, such as the metrics. */
export async function getText(path: string): Promise<string | Problem> {
  try {
    const response = await fetch(`/api/${path}`, { headers: bearerHeader() });
    if (response.ok) return await response.text();
    return problemOf(response.status, await response.json().catch(() => undefined));
  } catch {
    return NO_ANSWER;
  }
}

const bearerHeader = (): Readonly<Record<string, string>> =>
  token.value === '' ? {} : { authorization: `Bearer ${token.value}` };

const NO_ANSWER: Problem = { status: 0, code: 'no answer', detail: 'The system does not answer' };

export const get = <T>(path: string): Promise<Answer<T>> => ask<T>('GET', path);

export const post = <T>(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<T>> =>
  ask<T>('POST', path, {
    body: JSON.stringify(body),
    headers: { ...headers, 'content-type': 'application/json' },
  });

async function ask<T>(
  method: string,
  path: string,
  { body, headers }: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer<T>> {
  try {
    const response = await fetch(path.startsWith('/') ? path : `/api/${path}`, {
      method,
      headers: { ...headers, ...bearerHeader() },
      ...(body === undefined ? {} : { body }),
    });
    const json: unknown = await response.json().catch(() => undefined);
    if (response.ok) return { kind: 'ok', value: json as T, next: nextOf(response.headers.get('link')) };
    return { kind: 'problem', problem: problemOf(response.status, json) };
  } catch {
    return { kind: 'problem', problem: NO_ANSWER };
  }
}

function nextOf(link: string | null): string | undefined {
  return /<([^>]+)>; rel="next"/.exec(link ?? '')?.[1];
}

function problemOf(status: number, json: unknown): Problem {
  const fallback = { status, code: 'unexpected', detail: `The answer was ${status}` };
  return typeof json === 'object' && json !== null ? { ...fallback, ...json } : fallback;
}
