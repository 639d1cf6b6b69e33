// Look-alike of the platform's sign-in (App Service authentication) before the HTTP functions of a host: a bearer token
// becomes the headers `x-ms-client-principal…` that the app is given.
//
// sign-in.N1  What a client sends in a header of that family never reaches the app, whether sign-in is on or not.
// sign-in.N2  A JSON web token that is not valid is a 401, and no function runs.
// sign-in.N3  A request without one goes to the app, which decides, as with `unauthenticatedClientAction: AllowAnonymous`.
//   So does a bearer token that is no JSON web token, which may be one of the app's own; the platform refuses it.
import type { IncomingMessage } from 'node:http';
import { isOnce, isToken, verifyToken, type Claims } from '../kit/local-token';

/** What a request is let in with: headers for the app; `refused` is a 401. */
export type SignedIn =
  | { readonly kind: 'letIn'; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'refused' };

export type SignIn = (request: Pick<IncomingMessage, 'headers'>) => SignedIn;

const NOBODY: SignedIn = { kind: 'letIn', headers: {} };

/** Nobody is signed in: tokens are the app's business. */
export const noSignIn: SignIn = () => NOBODY;

/** Signs in whoever brings a token that `key` has signed. */
export function createSignIn(key: string, clock: { now(): number }): SignIn {
  return ({ headers }) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
    if (token === undefined || !isToken(token)) return NOBODY;
    const claims = verifyToken(key, token, clock.now());
    return claims === undefined || isOnce(claims)
      ? { kind: 'refused' }
      : { kind: 'letIn', headers: principalHeaders(claims) };
  };
}

export const REFUSED_SIGN_IN = { 'WWW-Authenticate': 'Bearer error="invalid_token"' };

/** `headers` without what only the platform may say (sign-in.N1), and with what it says. */
export function withPrincipal(
  headers: Readonly<Record<string, string>>,
  principal: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (!OF_PLATFORM.test(name)) kept[name] = value;
  return Object.assign(kept, principal);
}

/** What the platform removes from requests. */
const OF_PLATFORM = /^x-ms-(?:client-principal|token-)/;
const NAME = 'name';
const PROVIDER = 'azure-local';

function principalHeaders(claims: Claims): Readonly<Record<string, string>> {
  const list = Object.entries(claims).flatMap(([typ, values]) =>
    [values].flat().map((val) => ({ typ, val })),
  );
  const principal = { auth_typ: PROVIDER, claims: list, name_typ: NAME, role_typ: 'roles' };
  const name = list.find(({ typ }) => typ === NAME)?.val;
  return {
    'x-ms-client-principal': Buffer.from(JSON.stringify(principal)).toString('base64'),
    'x-ms-client-principal-idp': PROVIDER,
    ...(name === undefined ? {} : { 'x-ms-client-principal-name': encodeURIComponent(name) }),
  };
}
