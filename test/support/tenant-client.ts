// Client of the API of a running system that asks as one caller: with a token of `npm run token`, or with headers of its own.
import { signToken, type Claims } from 'azure-local/kit/local-token';
import { signInKey } from 'azure-local/supervisor/sign-in-key';
import type { RunningSystem } from 'azure-local/supervisor/running-system';

const HOUR_MS = 3_600_000;

/** A bearer token that the system's sign-in takes. */
export function tokenFor({ dataDir }: Pick<RunningSystem, 'dataDir'>, claims: Claims): string {
  return signToken(signInKey(dataDir), claims, Date.now() + HOUR_MS);
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface TenantClient {
  readonly headers: Readonly<Record<string, string>>;
  get(path: string): Promise<Answered>;
  delete(path: string): Promise<Answered>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answered>;
}

/** Asks with these headers; paths begin behind `/api/`. */
export function openTenantClient(api: string, headers: Readonly<Record<string, string>>): TenantClient {
  const ask = async (path: string, init: RequestInit): Promise<Answered> => {
    const response = await fetch(`${api}/api/${path}`, init);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const json = (isJson ? JSON.parse(text) : {}) as Answered['json'];
    return { status: response.status, headers: response.headers, text, json };
  };
  return {
    headers,
    get: (path) => ask(path, { headers }),
    delete: (path) => ask(path, { method: 'DELETE', headers }),
    post: (path, body, more = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers, ...more },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
}

/** A client for whoever holds these claims. */
export function signedInClient(system: RunningSystem, claims: Claims): TenantClient {
  return openTenantClient(system.urls.api, { authorization: `Bearer ${tokenFor(system, claims)}` });
}
