// Look-alike of an interactive sign-in: a link with a code, good once, for which the host gives a token. `npm start` prints
// such a link, because on a laptop there is nobody to ask for a password. Beside the functions, at /.auth/ as the platform's
// own sign-in.
//
// sign-in-link.L1  A code is a token of this data folder's key with the claim `once`. As a bearer token it is refused.
// sign-in-link.L2  Of several that bring a code one gets a token: whoever makes the file of its name, over all hosts and restarts.
// sign-in-link.L3  A code that is not valid, has expired or was used is a 401 that says so.
import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isOnce, ONCE, signToken, verifyToken, type Claims } from '../kit/local-token';
import { readJson } from '../kit/read-json';

export const SIGN_IN_LINK_PATH = '/.auth/login/link';

const CODE_HOURS = 12;
const HOUR_MS = 3_600_000;
const BODY_BYTES_AT_MOST = 8 * 1_024;
const USED = 'sign-in-used';

/** A code for whoever has `claims`. */
export function signInCode(key: string, claims: Claims, nowMs: number): string {
  return signToken(key, { ...claims, [ONCE]: randomUUID() }, nowMs + CODE_HOURS * HOUR_MS);
}

/** The handler for `SIGN_IN_LINK_PATH`: POST { "code": "…" } → { "token": "…" }. */
export function createSignInLinks(
  { key, dataDir }: { readonly key: string; readonly dataDir: string },
  clock: { now(): number },
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const code = request.method === 'POST' ? codeIn(await readJson(request, BODY_BYTES_AT_MOST)) : undefined;
    const token = code === undefined ? undefined : redeem(code, key, dataDir, clock.now());
    const body =
      token === undefined
        ? {
            detail:
              'The link is not valid any more: each is good once, for 12 hours. npm start prints a new one',
          }
        : { token };
    response
      .writeHead(token === undefined ? 401 : 200, {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
      })
      .end(JSON.stringify(body));
  };
}

function codeIn(body: Awaited<ReturnType<typeof readJson>>): string | undefined {
  if (body.kind !== 'json' || typeof body.value !== 'object' || body.value === null) return undefined;
  const { code } = body.value as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

function redeem(code: string, key: string, dataDir: string, nowMs: number): string | undefined {
  const claims = verifyToken(key, code, nowMs);
  if (claims === undefined || !isOnce(claims)) return undefined;
  const { [ONCE]: id, ...held } = claims;
  const folder = path.join(dataDir, USED);
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(path.join(folder, createHash('sha256').update(String(id)).digest('hex')), '', {
      flag: 'wx',
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  return signToken(key, held, nowMs + CODE_HOURS * HOUR_MS);
}
