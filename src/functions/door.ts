// Door of every HTTP route: who asks, whether they may, and whether their tenant is within its quota, before anything else of
// a request is looked at. register-routes.ts puts it before every handler, so that a route says only its `caller`.
import type { HttpRequest } from '@azure/functions';
import type { Scope } from '../domain/scope';
import { asksForKey, rolesFor, scopeFor } from '../identity/access';
import { actorOf, type Caller } from '../identity/caller';
import type { Identified } from '../identity/identify';
import type { Quotas } from '../identity/quotas';
import { HttpProblem } from './http';
import type { Route } from './routes/route';

export interface DoorPorts {
  readonly identify: (asking: {
    readonly headers: { get(name: string): string | null };
    readonly isKeyChecked: boolean;
  }) => Identified;
  readonly quotas: Quotas;
}

/** Who asks and what the call may touch; all undefined where nobody is asked. */
export interface Admitted {
  readonly caller: Caller | undefined;
  readonly scope: Scope | undefined;
  /** On routes of operators and approvers: who asks, for the audit trail. */
  readonly operator: string | undefined;
}

/** Runs `within` for who may call the route; throws a 400, 401, 403 or 429 problem for who may not. */
export type Door = <T>(
  route: Route,
  request: HttpRequest,
  within: (admitted: Admitted) => Promise<T>,
) => Promise<T>;

const NOBODY: Admitted = { caller: undefined, scope: undefined, operator: undefined };

export function createDoor({ identify, quotas }: DoorPorts): Door {
  return async (route, request, within) => {
    const roles = rolesFor(route.caller, route.method);
    if (roles === undefined) return within(NOBODY);
    const isKeyChecked = asksForKey(route.caller);
    const caller = callerOf(identify({ headers: request.headers, isKeyChecked }));
    const scope = scopeFor(roles, caller);
    if (scope === undefined)
      throw new HttpProblem('ROLE_MISSING', `This asks for the role ${roles.join(' or ')}`);
    // Operators and approvers mend what a tenant's load has broken: they are not held back by it.
    if (!isKeyChecked) return within({ caller, scope, operator: actorOf(caller, roles[0] ?? 'operator') });
    const entry = quotas.enter(caller.tenantId);
    if (entry.kind === 'refused') {
      throw new HttpProblem('TENANT_OVER_QUOTA', entry.why, undefined, {
        'Retry-After': String(Math.ceil(entry.retryAfterMs / 1_000)),
      });
    }
    try {
      return await within({ caller, scope, operator: undefined });
    } finally {
      entry.leave();
    }
  };
}

function callerOf(identified: Identified): Caller {
  switch (identified.kind) {
    case 'known':
      return identified.caller;
    case 'unknown':
      throw new HttpProblem('CALLER_UNKNOWN', identified.why, undefined, { 'WWW-Authenticate': 'Bearer' });
    case 'tenantUnknown':
      throw new HttpProblem('TENANT_UNKNOWN', identified.why);
  }
}
