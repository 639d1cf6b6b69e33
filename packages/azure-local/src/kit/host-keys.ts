// Check of access keys, the same for functions, /admin and the webhooks of extensions. Keys are enforced only where
// the host is given some; Core Tools enforces none.
//
// host-keys.K1  A request brings one key: the header `x-functions-key`, or else `?code=`.
// host-keys.K2  The master key opens everything; any other key opens what it belongs to.
// host-keys.K3  Without a key that is known a request is a 401, with a known one that belongs elsewhere a 403.
//   Functions answer both with 401 and without a challenge.
import type { IncomingMessage } from 'node:http';
import { isSameSecret } from './same-secret';

/** The keys of a function app. On Azure the last two are system keys, which the extensions have made. */
export interface HostKeys {
  /** Opens functions of `authLevel: 'function'`. */
  readonly function: string;
  /** Opens everything, `/admin` and `authLevel: 'admin'` included. */
  readonly master: string;
  /** Opens the durable management API. */
  readonly durable: string;
  /** Opens the Event Grid webhook. */
  readonly eventgrid: string;
}

export type AuthLevel = 'anonymous' | 'function' | 'admin';

/** What a given key is to a request; `otherKey` is a known one that does not open it. */
export type Access = 'granted' | 'unknownKey' | 'otherKey';

/** The key that a request brings (host-keys.K1); `query` without its question mark. */
export function givenKey({ headers }: IncomingMessage, query: string): string | undefined {
  const inHeader = headers['x-functions-key'];
  if (inHeader !== undefined) return [inHeader].flat()[0];
  for (const [name, value] of new URLSearchParams(query)) if (name.toLowerCase() === 'code') return value;
  return undefined;
}

/** Whether `given` opens what the key named `wanted` opens (host-keys.K2). */
export function accessTo(
  keys: HostKeys | undefined,
  wanted: keyof HostKeys,
  given: string | undefined,
): Access {
  if (keys === undefined) return 'granted';
  if (given === undefined) return 'unknownKey';
  if (isSameSecret(given, keys.master) || isSameSecret(given, keys[wanted])) return 'granted';
  const all: readonly string[] = Object.values(keys);
  return all.some((key) => isSameSecret(given, key)) ? 'otherKey' : 'unknownKey';
}

/** Whether a request with `given` may run a function of `level`. */
export function mayRun(keys: HostKeys | undefined, level: AuthLevel, given: string | undefined): boolean {
  if (level === 'anonymous') return true;
  return accessTo(keys, level === 'admin' ? 'master' : 'function', given) === 'granted';
}

/** How a host path that is no function refuses (host-keys.K3): an empty answer. */
export const REFUSALS = {
  unknownKey: { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } },
  otherKey: { status: 403, headers: {} },
} as const satisfies Record<Exclude<Access, 'granted'>, object>;
