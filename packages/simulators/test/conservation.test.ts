// Property of the ledger: whatever is done, repeated and undone in whatever order, money and stock are what it adds up
// to.
import fc from 'fast-check';
import { closeServices, openServices, type Answer, type Services } from '../testing/simulated-services';

const PRODUCT = 'p-1';
const STOCK = 6;
const AMOUNT = 100;

afterEach(closeServices);

interface Step {
  readonly act: 'reserve' | 'confirm' | 'release' | 'charge' | 'refund';
  readonly order: number;
}

const steps = fc.array(
  fc.record<Step>({
    act: fc.constantFrom('reserve', 'confirm', 'release', 'charge', 'refund'),
    order: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 1, maxLength: 40 },
);

function perform(services: Services, { act, order }: Step): Promise<Answer> {
  const orderId = `o-${order}`;
  const at = (collection: string, step: string): string =>
    `/${collection}/${encodeURIComponent(`${orderId}:${step}`)}`;
  switch (act) {
    case 'reserve':
      return services.post('/inventory/reservations', `${orderId}:reserve`, {
        orderId,
        lines: [{ productId: PRODUCT, quantity: order }],
      });
    case 'charge':
      return services.post('/payments/charges', `${orderId}:charge`, {
        orderId,
        amountMinor: AMOUNT * order,
        currency: 'EUR',
      });
    case 'refund':
      return services.post(`${at('payments/charges', 'charge')}/refund`, `${orderId}:refund`, { orderId });
    case 'confirm':
    case 'release':
      return services.post(`${at('inventory/reservations', 'reserve')}/${act}`, `${orderId}:${act}`, {
        orderId,
      });
  }
}

interface Line {
  readonly effect: string;
  readonly key: string;
  readonly amount?: number;
  readonly quantity?: number;
}

const sum = (lines: readonly Line[], effect: string, of: 'amount' | 'quantity'): number =>
  lines.filter((line) => line.effect === effect).reduce((total, line) => total + (line[of] ?? 0), 0);

async function expectBalance(services: Services): Promise<void> {
  const lines = (await services.get('/control/ledger')).body as Line[];
  const gone = sum(lines, 'stockConfirmed', 'quantity');
  const reserved = sum(lines, 'stockReserved', 'quantity') - sum(lines, 'stockReleased', 'quantity') - gone;
  expect((await services.get(`/control/stock/${PRODUCT}`)).body).toEqual({ onHand: STOCK - gone, reserved });
  expect(reserved).toBeGreaterThanOrEqual(0);
  expect(reserved + gone).toBeLessThanOrEqual(STOCK);

  const held = await Promise.all([1, 2, 3, 4].map((order) => chargeHeld(services, order)));
  expect(sum(lines, 'charged', 'amount') - sum(lines, 'refunded', 'amount')).toBe(
    held.reduce((total, amount) => total + amount, 0),
  );

  const effectsPerKey = lines.map(({ effect, key }) => `${effect} ${key}`);
  expect(new Set(effectsPerKey).size).toBe(effectsPerKey.length);
}

/** What the payment service says it has taken for the order and not given back. */
async function chargeHeld(services: Services, order: number): Promise<number> {
  const { status, body } = await services.get(`/payments/charges/${encodeURIComponent(`o-${order}:charge`)}`);
  const charge = body as { amountMinor: number; status: string };
  return status === 200 && charge.status === 'charged' ? charge.amountMinor : 0;
}

test.each([
  ['one after the other', false],
  ['all at once', true],
])('random doing, repeating and undoing %s conserves money and stock', async (_how, concurrently) => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const services = await openServices();
      try {
        await services.put(`/control/stock/${PRODUCT}`, { onHand: STOCK });
        if (concurrently) await Promise.all(sequence.map((step) => perform(services, step)));
        else for (const step of sequence) await perform(services, step);
        await expectBalance(services);
      } finally {
        await services.close();
      }
    }),
    { numRuns: 25 },
  );
});
