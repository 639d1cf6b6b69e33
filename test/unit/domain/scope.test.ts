import * as fc from 'fast-check';
import {
  ALL_TENANTS,
  customerKey,
  customerWithin,
  isReached,
  isWithin,
  scopeOfKey,
  tenantOf,
} from '../../../src/domain/scope';

const owner = { tenantId: 'acme', customerId: 'cust-1' };

describe('S19: a scope', () => {
  test('of a tenant holds what its customers have, and nothing of another tenant', () => {
    expect(isWithin({ tenantId: 'acme' }, owner)).toBe(true);
    expect(isWithin({ tenantId: 'other' }, owner)).toBe(false);
  });

  test('of a customer holds what is its own, and not what one of that name has in another tenant', () => {
    expect(isWithin(owner, owner)).toBe(true);
    expect(isWithin({ ...owner, customerId: 'cust-2' }, owner)).toBe(false);
    expect(isWithin({ ...owner, tenantId: 'other' }, owner)).toBe(false);
  });

  test('is narrowed to a customer that is in it, and to no other', () => {
    expect(customerWithin({ tenantId: 'acme' }, 'cust-1')).toEqual(owner);
    expect(customerWithin(owner, 'cust-1')).toEqual(owner);
    expect(customerWithin(owner, 'cust-2')).toBeUndefined();
  });

  test('of the app reaches every tenant, one of a tenant itself', () => {
    expect(isReached(ALL_TENANTS, owner)).toBe(true);
    expect(isReached(tenantOf(owner), owner)).toBe(true);
    expect(isReached({ tenantId: 'other' }, owner)).toBe(false);
  });

  test('is told from its customer key, whatever characters ids may have', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9_.:~-]{1,64}$/);
    fc.assert(
      fc.property(id, id, (tenantId, customerId) => {
        expect(scopeOfKey(customerKey({ tenantId, customerId }))).toEqual({ tenantId, customerId });
      }),
    );
  });
});
