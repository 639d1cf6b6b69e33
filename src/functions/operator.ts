// Who may do what operators do. The app checks it by itself, on every host.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { HttpProblem } from './http';

export interface OperatorSettings {
  /** Whoever brings it is an operator; empty = nobody is by token. */
  readonly operatorToken: string;
  /** Whether the platform signs users in (`WEBSITE_AUTH_ENABLED`): only then nobody else can send its header. */
  readonly platformSignsIn: boolean;
}

/** Gives the operator's name for the audit trail (`operator`, `operator:<who>`), or throws a 401 or 403 problem. */
export type OperatorCheck = (request: HttpRequest) => string;

const ROLE = 'operator';

const principal = z.object({
  claims: z.array(z.object({ typ: z.string(), val: z.string() })).default([]),
  name_typ: z.string().default('name'),
  role_typ: z.string().default('roles'),
});

export function createOperatorCheck({ operatorToken, platformSignsIn }: OperatorSettings): OperatorCheck {
  const expected = digest(operatorToken);
  return ({ headers }) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '') ?? [];
    // No header can bring the empty token, so that nobody is an operator where none is set.
    if (token !== undefined && timingSafeEqual(digest(token), expected)) return ROLE;
    const user = platformSignsIn ? headers.get('x-ms-client-principal') : null;
    if (user !== null) return signedInOperator(user);
    throw new HttpProblem('OPERATOR_REQUIRED', 'No valid operator token was sent', undefined, {
      'WWW-Authenticate': 'Bearer',
    });
  };
}

/** Digests have one length, which comparing in constant time needs. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function signedInOperator(header: string): string {
  const { claims, name_typ, role_typ } = parsePrincipal(header);
  if (!claims.some(({ typ, val }) => (typ === role_typ || typ === 'roles') && val === ROLE))
    throw new HttpProblem('OPERATOR_ROLE_MISSING', 'You are signed in without the role operator');
  const name = claims.find(({ typ }) => typ === name_typ)?.val;
  return name === undefined ? ROLE : `${ROLE}:${name}`;
}

/** What is not a principal has no roles. */
function parsePrincipal(header: string): z.infer<typeof principal> {
  try {
    return principal.parse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
  } catch {
    return principal.parse({});
  }
}
