// Tokens of the look-alike of the platform's sign-in: JSON web tokens (RFC 7519), signed with HMAC SHA-256 by the key of the data
// folder. The program that prints a token makes them; the function host reads them.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Claims by their type; a list is one claim for each of its values. */
export type Claims = Readonly<Record<string, string | readonly string[]>>;

export const TOKEN_ISSUER = 'azure-local';

/** Claim of a code that is exchanged for a token once, and is none itself. */
export const ONCE = 'once';

export const isOnce = (claims: Claims): boolean => Object.hasOwn(claims, ONCE);

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

/** A token with `claims` that is valid until `expiresMs`. */
export function signToken(key: string, claims: Claims, expiresMs: number): string {
  const signed = `${HEADER}.${encode({ ...claims, iss: TOKEN_ISSUER, exp: Math.floor(expiresMs / 1_000) })}`;
  return `${signed}.${signatureOf(key, signed).toString('base64url')}`;
}

/** Whether `token` has the form of a JSON web token. */
export function isToken(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
}

/** The claims of a token that this key has signed and that is still valid; undefined for any other. */
export function verifyToken(key: string, token: string, nowMs: number): Claims | undefined {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const expected = signatureOf(key, `${header}.${payload}`);
  const given = Buffer.from(signature, 'base64url');
  // The header is compared whole, so that no token names an algorithm of its own.
  if (header !== HEADER || given.length !== expected.length || !timingSafeEqual(given, expected))
    return undefined;
  const { iss, exp, ...claims } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims & {
    readonly exp?: number;
  };
  return iss === TOKEN_ISSUER && typeof exp === 'number' && exp * 1_000 > nowMs ? claims : undefined;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function signatureOf(key: string, signed: string): Buffer {
  return createHmac('sha256', key).update(signed).digest();
}
