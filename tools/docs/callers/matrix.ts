// Matrix of callers and routes for docs/security.md: what each kind of caller is answered on each route, as the route table and
// the table of access have it. test/scenario/callers.test.ts calls every route as every kind of caller and compares.
import { rolesFor } from '../../../src/identity/access';
import type { Role } from '../../../src/identity/caller';
import { routeList } from '../../../src/functions/routes/routes';
import type { Route } from '../../../src/functions/routes/route';
import { markdownTable } from '../tables';

/** Whose tenant, or which customer of it, the order asked for belongs to: the caller's own or another. */
export interface CallerKind {
  readonly title: string;
  /** Undefined: the request does not say who asks, or not validly. */
  readonly role?: Role;
  readonly isOwn: boolean;
}

export const CALLER_KINDS = [
  { title: 'nobody', isOwn: false },
  { title: 'customer', role: 'customer', isOwn: true },
  { title: 'other customer', role: 'customer', isOwn: false },
  { title: 'service', role: 'service', isOwn: true },
  { title: 'service of another tenant', role: 'service', isOwn: false },
  { title: 'operator', role: 'operator', isOwn: true },
  { title: 'operator of another tenant', role: 'operator', isOwn: false },
  { title: 'approver', role: 'approver', isOwn: true },
  { title: 'reader', role: 'reader', isOwn: true },
] as const satisfies readonly CallerKind[];

/** `own`: what is of the caller's tenant or customer; there is nothing of another in it. */
export type CallerAnswer = 'yes' | 'own' | '401' | '403' | '404';

export function answerFor(route: Route, { role, isOwn }: CallerKind): CallerAnswer {
  const roles = rolesFor(route.caller, route.method);
  if (roles === undefined) return 'yes';
  if (role === undefined) return '401';
  if (!roles.includes(role)) return '403';
  if (isOwn) return 'yes';
  if (/\{(?:id|interventionId)\}/.test(route.path)) return '404';
  // Of a customer by name another customer may know nothing; in another tenant it is another customer.
  if (role === 'customer' && route.caller === 'personal') return '404';
  // The body names a customer, of whom another customer may know nothing; in another tenant it is another customer.
  return role === 'customer' && route.body !== undefined ? '404' : 'own';
}

/** Rows are routes, columns are kinds of callers. */
export function callerMatrix(): string {
  const rows = routeList.map((route) => [
    `\`${route.method} /api/${route.path}\``,
    ...CALLER_KINDS.map((kind) => answerFor(route, kind)),
  ]);
  return markdownTable(['Route', ...CALLER_KINDS.map(({ title }) => title)], rows);
}
