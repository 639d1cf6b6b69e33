// Types of a caller: who asks, in which tenant, and in which roles. identify.ts makes it of a request, access.ts says what it
// may do.

export const ROLES = ['customer', 'service', 'operator', 'approver', 'reader'] as const;

/**
 * `customer`: sees and changes their own orders. `service`: a program that acts for every customer of its tenant.
 * `operator`: repairs orders. `approver`: approves or rejects them. `reader`: looks and changes nothing.
 */
export type Role = (typeof ROLES)[number];

export interface Caller {
  readonly tenantId: string;
  /** `user`: signed in by the platform. `service`: known by a key or token only. */
  readonly kind: 'user' | 'service';
  /** For the audit trail; empty when the sign-in gives none. */
  readonly name: string;
  /** Of whom the role `customer` is held. */
  readonly customerId?: string;
  readonly roles: readonly Role[];
}

/** The name under which the audit trail shows what an operator or approver did: `operator`, `operator:<name>`. */
export function actorOf({ name }: Caller, role: Role): string {
  return name === '' ? role : `${role}:${name}`;
}

/** Who asked for a change of an order, for its events: services act for the customer. */
export function requesterOf(caller: Caller): string {
  return caller.roles.includes('operator') ? actorOf(caller, 'operator') : 'customer';
}
