// Access keys. Core Tools does not enforce them, and neither does this host unless it is given some.
import type { IncomingMessage } from 'node:http';
import { parseQuery } from './request-target';

export interface HostKeys {
  /** Opens functions of `authLevel: 'function'`. */
  readonly function: string;
  /** Opens everything, `/admin` and `authLevel: 'admin'` included. */
  readonly master: string;
}

export type AuthLevel = 'anonymous' | 'function' | 'admin';

/** Whether a request may reach what asks for `level`: the key is in `x-functions-key`, else in `?code=`. */
export function isAllowed(
  keys: HostKeys | undefined,
  level: AuthLevel,
  request: IncomingMessage,
  query: string,
): boolean {
  if (keys === undefined || level === 'anonymous') return true;
  const given = request.headers['x-functions-key'] ?? parseQuery(query)['code'];
  return given === keys.master || (level === 'function' && given === keys.function);
}
