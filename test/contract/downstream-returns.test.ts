// What returns ask of the services, for every adapter: partial refunds and restocking, once per key (S16, S26).
import fc from 'fast-check';
import { ADAPTERS, charge, closeAdapters, newCall, type Adapters } from '../support/downstream-adapters';
import type { ServiceCall } from '../../src/ports/downstream';

afterAll(closeAdapters);

const part = (chargeKey: string, amountMinor: number) => ({ chargeKey, amountMinor, currency: 'USD' });

async function charged({ payment }: Adapters): Promise<ServiceCall> {
  const call = newCall('ProcessPayment');
  expect(await payment.charge(call, charge)).toMatchObject({ kind: 'done' });
  return call;
}

const keyed = (call: ServiceCall, key: string): ServiceCall => ({ ...call, key: `${call.orderId}:${key}` });

describe.each(Object.entries(ADAPTERS))('services %s', (_, open) => {
  test('S16: whatever parts are asked for under whatever keys, no more is given back than was charged', async () => {
    const adapters = await open();
    const asked = fc.array(
      fc.record({ key: fc.integer({ min: 1, max: 4 }), amount: fc.integer({ min: 1, max: 120 }) }),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(asked, async (asks) => {
        const call = await charged(adapters);
        const given = new Map<number, number>();
        const outcomes = await Promise.all(
          asks.map(({ key, amount }) =>
            adapters.payment.refundPart(keyed(call, `return:${key}`), part(call.key, amount)),
          ),
        );
        outcomes.forEach((outcome, index) => {
          const { key = 0, amount = 0 } = asks[index] ?? {};
          // The first that was done under a key is what the key has done.
          if (outcome.kind === 'done' && !given.has(key)) given.set(key, amount);
        });
        const effects = (await adapters.effects(call.orderId)).filter((effect) => effect === 'refunded');
        expect(effects).toHaveLength(given.size);
        expect([...given.values()].reduce((sum, amount) => sum + amount, 0)).toBeLessThanOrEqual(200);
      }),
      { numRuns: 30 },
    );
  });

  test('a part under one key is given back once, and its answer is the same', async () => {
    const adapters = await open();
    const call = await charged(adapters);
    const ask = () => adapters.payment.refundPart(keyed(call, 'return:1'), part(call.key, 150));
    const first = await ask();
    expect(first).toMatchObject({ kind: 'done' });
    expect(await ask()).toEqual(first);
    expect(await adapters.effects(call.orderId)).toEqual(['charged', 'refunded']);
  });

  test('more than is left is refused, and less may be asked for under the same key', async () => {
    const adapters = await open();
    const call = await charged(adapters);
    const ask = (amountMinor: number) =>
      adapters.payment.refundPart(keyed(call, 'return:1'), part(call.key, amountMinor));
    expect(await ask(201)).toMatchObject({ kind: 'refused', detailCode: 'REFUND_EXCEEDS_CHARGE' });
    expect(await ask(200)).toMatchObject({ kind: 'done' });
  });

  test('nothing is given back of what was not charged', async () => {
    const adapters = await open();
    const call = newCall('ProcessPayment');
    const outcome = await adapters.payment.refundPart(keyed(call, 'return:1'), part(call.key, 1));
    expect(outcome).toMatchObject({ kind: 'refused', detailCode: 'NOT_CHARGED' });
    expect(await adapters.effects(call.orderId)).toEqual([]);
  });

  test('pieces are put back on the shelf once per key', async () => {
    const adapters = await open();
    const call = newCall('return:1:RestockItems');
    const pieces = [{ productId: 'prod-x', quantity: 2 }];
    const first = await adapters.inventory.restock(call, pieces);
    expect(first).toMatchObject({ kind: 'done' });
    expect((await adapters.inventory.restock(call, pieces)).kind).toBe('done');
    expect(await adapters.effects(call.orderId)).toEqual(['restocked']);
  });
});
