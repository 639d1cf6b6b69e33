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

/** A link may bring a token behind `#`, which no server and no log sees; the address forgets it at once. */
export function takeTokenFromAddress(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given === null) return;
  signIn(given);
  history.replaceState(null, '', location.pathname + location.search);
}

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
    const response = await fetch(path.startsWith('/api/') ? path : `/api/${path}`, {
      method,
      headers: { ...headers, ...(token.value === '' ? {} : { authorization: `Bearer ${token.value}` }) },
      ...(body === undefined ? {} : { body }),
    });
    const json: unknown = await response.json().catch(() => undefined);
    if (response.ok) return { kind: 'ok', value: json as T, next: nextOf(response.headers.get('link')) };
    return { kind: 'problem', problem: problemOf(response.status, json) };
  } catch {
    return {
      kind: 'problem',
      problem: { status: 0, code: 'no answer', detail: 'The system does not answer' },
    };
  }
}

function nextOf(link: string | null): string | undefined {
  return /<([^>]+)>; rel="next"/.exec(link ?? '')?.[1];
}

function problemOf(status: number, json: unknown): Problem {
  const fallback = { status, code: 'unexpected', detail: `The answer was ${status}` };
  return typeof json === 'object' && json !== null ? { ...fallback, ...json } : fallback;
}
