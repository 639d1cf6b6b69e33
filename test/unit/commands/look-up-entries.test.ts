// What the late look-up and the reconciler do for an order whose payment is taken once per part: entry by entry.
import {
  effectsOf,
  happened,
  LATE_MS,
  lookUp,
  openCommandPorts as open,
  orderCommand,
  placed,
  reconcile,
  QUIET_MS,
} from '../../support/command-ports';
import { facts, inThreeParts, SCOPE } from '../../support/orders';

type App = ReturnType<typeof open>;

const place = (app: App): Promise<string> =>
  placed(app, { request: { ...orderCommand.request, ...inThreeParts } });

/** Lets the payment service charge a part as the saga would. */
async function charge({ services }: App, orderId: string, part: number): Promise<void> {
  const call = { key: `${orderId}:ProcessPayment:${part}`, orderId, customerId: 'cust-1', timeoutMs: 1_000 };
  const amount = { amountMinor: 1_000, currency: 'USD', method: 'card' };
  await services.payment.charge({ ...call, correlationId: 'corr-1', traceparent: '' }, amount);
}

const paid = (part: number) => ({
  ...facts.paymentProcessed,
  data: {
    ...facts.paymentProcessed.data,
    attempts: 2,
    step: `ProcessPayment:${part}`,
    transactionId: `txn_${part}`,
    amountMinor: inThreeParts.payments[part - 1]?.amountMinor ?? 0,
  },
});
const refunded = (part: number) => ({
  ...facts.paymentRefunded,
  data: {
    ...{ ...facts.paymentRefunded.data, step: `RefundPayment:${part}`, undoes: `ProcessPayment:${part}` },
    amountMinor: inThreeParts.payments[part - 1]?.amountMinor ?? 0,
  },
});
const declined = { ...facts.paymentFailed, data: { ...facts.paymentFailed.data, step: 'ProcessPayment:2' } };

const refundsOf = ({ services }: App, orderId: string): string[] =>
  services.ledger.flatMap(({ effect, key }) =>
    effect === 'refunded' ? [key.slice(orderId.length + 1)] : [],
  );

describe('S14: for an order whose payment has parts', () => {
  test('S27: the late look-up asks for each part by its key and undoes the one that stands', async () => {
    const app = open();
    const orderId = await place(app);
    await happened(app, orderId, facts.stockReserved, paid(1), declined, facts.compensationStarted);
    await happened(app, orderId, refunded(1), facts.stockReleased, facts.failed);
    await charge(app, orderId, 3);
    app.pass(LATE_MS + 1);
    expect(await lookUp(app)).toEqual({ looked: 1, found: 1, finished: true });
    expect(refundsOf(app, orderId)).toEqual(['ProcessPayment:3']);
    const [last] = (await app.orders.eventsAfter(SCOPE, orderId, 0)).slice(-1);
    expect(last).toMatchObject({
      type: 'PaymentRefunded',
      key: `${orderId}:RefundPayment:3:late`,
      data: { step: 'RefundPayment:3', undoes: 'ProcessPayment:3' },
    });
  });

  test('S27: a part that stands although the stream says it was undone is for an operator, by its entry', async () => {
    const app = open();
    const orderId = await place(app);
    await happened(app, orderId, facts.stockReserved, paid(1), declined, facts.compensationStarted);
    await happened(app, orderId, refunded(1), facts.stockReleased, facts.failed);
    await charge(app, orderId, 1);
    app.pass(LATE_MS + 1);
    await lookUp(app);
    expect(refundsOf(app, orderId)).toEqual([]);
    const stored = await app.orders.read(SCOPE, orderId);
    expect((await app.orders.eventsAfter(SCOPE, orderId, 0)).at(-1)).toMatchObject({
      type: 'InterventionOpened',
      data: { step: 'ProcessPayment:1', attempts: 2 },
    });
    expect(stored?.order.saga.needsIntervention).toBe(true);
  });

  test('S23: the reconciler undoes what an order that goes back has as done, each part by itself, last first', async () => {
    const app = open();
    const orderId = await place(app);
    for (const part of [1, 2]) await charge(app, orderId, part);
    await happened(app, orderId, facts.stockReserved, paid(1), paid(2), facts.compensationStarted);
    app.instances.set(orderId, { runtimeStatus: 'terminated', output: null });
    app.pass(QUIET_MS + 1);
    await reconcile(app);
    expect(refundsOf(app, orderId)).toEqual(['ProcessPayment:2', 'ProcessPayment:1']);
    expect(effectsOf(app, orderId).filter((effect) => effect === 'refunded')).toHaveLength(2);
    expect((await app.orders.read(SCOPE, orderId))?.order).toMatchObject({
      status: 'failed',
      saga: { compensatedSteps: ['ProcessPayment:2', 'ProcessPayment:1'] },
    });
  });

  test('S27: nothing is asked of the promotion service for an order without a coupon', async () => {
    const app = open();
    const orderId = await place(app);
    await happened(app, orderId, facts.stockReserved, paid(1), declined, facts.compensationStarted);
    await happened(app, orderId, refunded(1), facts.stockReleased, facts.failed);
    const asked: string[] = [];
    const { lookUpEffect } = app.ports;
    app.ports.lookUpEffect = (step, call) => {
      asked.push(step);
      return lookUpEffect(step, call);
    };
    app.pass(LATE_MS + 1);
    await lookUp(app);
    expect(asked).toContain('ProcessPayment');
    expect(asked).not.toContain('ApplyCoupon');
  });
});
