// Tests of the functions behind the plan past one deployment (docs/capacity.md).
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { BUCKETS, bucketOf, evenUnits, unitOf, unitsFor } from '../../tools/docs/capacity/scale-units';

describe('scale units', () => {
  const ids = fc.uuid();
  /** As ids are made: the first bits are those of a hash. */
  const orderIdOf = (index: number): string => createHash('sha1').update(`order-${index}`).digest('hex');

  test('serve the bucket of an order, which is always the same', () => {
    expect(bucketOf('0ff00000-0000-5000-8000-000000000000')).toBe(0x0ff);
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 100 }), (id, units) => {
        const unit = unitOf(id, 'default', evenUnits(units));
        expect(unit).toBe(bucketOf(id) % units);
        expect(bucketOf(id)).toBeLessThan(BUCKETS);
      }),
    );
  });

  test('have shares of the buckets that differ by one at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (units) => {
        const shares = new Map<number, number>();
        for (const unit of evenUnits(units)) shares.set(unit, (shares.get(unit) ?? 0) + 1);
        expect(shares.size).toBe(units);
        expect(Math.max(...shares.values()) - Math.min(...shares.values())).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('get even shares of orders', () => {
    const units = evenUnits(8);
    const orders = Array.from({ length: 40_000 }, (_, index) => unitOf(orderIdOf(index), 'default', units));
    for (let unit = 0; unit < 8; unit += 1) {
      const share = orders.filter((of) => of === unit).length / orders.length;
      expect(Math.abs(share - 1 / 8)).toBeLessThan(0.01);
    }
  });

  test('that take over a bucket take its orders and no others', () => {
    fc.assert(
      fc.property(ids, fc.nat(BUCKETS - 1), (id, bucket) => {
        const before = evenUnits(4);
        const after = before.map((unit, of) => (of === bucket ? 4 : unit));
        const expected = bucketOf(id) === bucket ? 4 : unitOf(id, 'default', before);
        expect(unitOf(id, 'default', after)).toBe(expected);
      }),
    );
  });

  test('take a tenant with all its orders', () => {
    fc.assert(
      fc.property(ids, (id) => {
        expect(unitOf(id, 'acme', evenUnits(4), { acme: 9 })).toBe(9);
        expect(unitOf(id, 'default', evenUnits(4), { acme: 9 })).toBeLessThan(4);
      }),
    );
  });

  test('are as many as keep each below its share of the ceiling', () => {
    expect(unitsFor(10_000, 666, 0.7)).toBe(22);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e4 }), (rate, most) => {
        expect(rate / unitsFor(rate, most, 0.7)).toBeLessThanOrEqual(most * 0.7 + 1e-6);
      }),
    );
  });
});
