// What callers may do, by role, and in which scope.
import { ROLES, type Caller, type Role } from '../../../src/identity/caller';
import { rolesFor, scopeFor, type Access } from '../../../src/identity/access';

function scope(access: Access, method: string, roles: readonly Role[], customerId?: string): unknown {
  const caller: Caller = { tenantId: 'acme', kind: 'user', name: '', roles };
  const admitted = rolesFor(access, method) ?? [];
  return scopeFor(admitted, customerId === undefined ? caller : { ...caller, customerId });
}

test('S19: a customer has the own customer’s scope, everybody else the tenant’s', () => {
  expect(scope('customer', 'GET', ['customer'], 'cust-1')).toEqual({
    tenantId: 'acme',
    customerId: 'cust-1',
  });
  for (const role of ROLES.filter((one) => one !== 'customer'))
    expect(scope('customer', 'GET', [role])).toEqual({ tenantId: 'acme' });
  expect(scope('customer', 'GET', ['customer', 'operator'], 'cust-1')).toEqual({ tenantId: 'acme' });
});

test('a second role widens the scope only of the calls that it may make', () => {
  const both: readonly Role[] = ['customer', 'reader'];
  expect(scope('customer', 'POST', both, 'cust-1')).toEqual({ tenantId: 'acme', customerId: 'cust-1' });
  expect(scope('customer', 'GET', both, 'cust-1')).toEqual({ tenantId: 'acme' });
});

test('a customer without an id, and a caller without a role, may do nothing', () => {
  for (const access of ['customer', 'reader', 'approver', 'operator'] as const)
    for (const method of ['GET', 'POST'])
      for (const roles of [[], ['customer'] as const]) expect(scope(access, method, roles)).toBeUndefined();
});

test.each<[Access, string, readonly Role[]]>([
  ['customer', 'GET', ['customer', 'service', 'operator', 'approver', 'reader']],
  ['customer', 'POST', ['customer', 'service', 'operator']],
  ['reader', 'GET', ['service', 'operator', 'approver', 'reader']],
  ['approver', 'POST', ['approver']],
  ['operator', 'POST', ['operator']],
])('routes for %s by %s are for %j', (access, method, roles) => {
  expect(ROLES.filter((role) => scope(access, method, [role], 'cust-1') !== undefined)).toEqual(roles);
});
