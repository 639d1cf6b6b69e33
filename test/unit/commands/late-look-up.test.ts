// The late look-up: what stands at a service long after an order failed or was cancelled is undone, and told.
import { anyTraceId } from '../../support/log-lines';
import fc from 'fast-check';
import { runLateLookUp } from '../../../src/commands/late-look-up';
import {
  done,
  effectsOf,
  happened,
  LATE_MS,
  lookUp,
  openCommandPorts as open,
  placed,
} from '../../support/command-ports';
import { SCOPE, facts } from '../../support/orders';

type App = ReturnType<typeof open>;

const FAILED = [
  facts.stockReserved,
  facts.paymentFailed,
  facts.compensationStarted,
  facts.stockReleased,
  facts.failed,
];

/** An order that failed as its stream says, whose services then did what a late message asked for. */
async function failedOrder(app: App, idempotencyKey = 'key-1'): Promise<string> {
  const orderId = await placed(app, { idempotencyKey });
  await happened(app, orderId, ...FAILED);
  return orderId;
}

const typesOf = async (app: App, orderId: string): Promise<string[]> =>
  (await app.orders.eventsAfter(SCOPE, orderId, 7)).map(({ type }) => type);

describe('S27: the late look-up', () => {
  test('S25: undoes what came after the end, writes it into the stream, and says so at error level', async () => {
    const app = open();
    const orderId = await failedOrder(app);
    await done(app, orderId, 'CreateShipment');
    app.pass(LATE_MS);
    expect(await lookUp(app)).toEqual({ looked: 0, found: 0, finished: true });
    app.pass(1);
    expect(await lookUp(app)).toEqual({ looked: 1, found: 3, finished: true });
    expect(effectsOf(app, orderId).slice(3)).toEqual(['shipmentCancelled', 'refunded']);
    expect(await typesOf(app, orderId)).toEqual([
      'ShipmentCancelled',
      'PaymentRefunded',
      'InterventionOpened',
    ]);
    expect(app.lines.error[0]).toEqual([
      'effect found after the end',
      {
        ...{ orderId, correlationId: 'corr-1', traceId: anyTraceId(), status: 'failed' },
        ...{ step: 'CreateShipment', key: `${orderId}:CreateShipment` },
      },
    ]);
  });

  test('S21: undoes what stands of an order of a version that only a newer release has', async () => {
    const app = open();
    const orderId = await failedOrder(app);
    const stored = await app.orders.read(SCOPE, orderId);
    if (stored === undefined) throw new Error('the order is gone');
    const { order } = stored;
    const events = await app.orders.eventsAfter(SCOPE, orderId, 0);
    app.orders.seed({ ...order, saga: { ...order.saga, definitionVersion: 7 } }, events);
    await done(app, orderId, 'CreateShipment');
    app.pass(LATE_MS + 1);
    await lookUp(app);
    expect(effectsOf(app, orderId).slice(3)).toEqual(['shipmentCancelled', 'refunded']);
  });

  test('looks at each order once, and once more after what it changed', async () => {
    const app = open();
    const orderId = await failedOrder(app);
    await done(app, orderId, 'CreateShipment');
    await happened(app, await placed(app, { idempotencyKey: 'other' }), ...FAILED);
    const looked: number[] = [];
    for (let run = 0; run < 60; run += 1) {
      app.pass(60_000);
      looked.push((await lookUp(app)).looked);
    }
    expect(looked.filter((count) => count > 0)).toEqual([2, 1]);
    expect(effectsOf(app, orderId).filter((effect) => effect === 'refunded')).toHaveLength(1);
  });

  test('leaves completed orders and those that are under way alone', async () => {
    const app = open();
    const completed = await placed(app);
    await happened(
      app,
      completed,
      ...[
        facts.stockReserved,
        facts.paymentProcessed,
        facts.shipmentCreated,
        facts.stockConfirmed,
        facts.completed,
      ],
    );
    const open_ = await placed(app, { idempotencyKey: 'open' });
    await happened(app, open_, facts.stockReserved, facts.compensationStarted);
    for (const orderId of [completed, open_]) await done(app, orderId, 'CreateShipment');
    app.pass(LATE_MS + 1);
    expect(await lookUp(app)).toMatchObject({ looked: 0 });
  });

  test('leaves to an operator what a compensation could not undo', async () => {
    const app = open();
    const orderId = await placed(app);
    const failed = { step: 'RefundPayment', undoes: 'ProcessPayment', attempts: 1, lastError: null };
    await happened(
      app,
      orderId,
      ...[facts.stockReserved, facts.paymentProcessed, facts.compensationStarted],
      { type: 'CompensationFailed', data: { ...failed, reason: 'no', transactionId: 'txn_1' } },
      ...[facts.stockReleased, facts.failed],
    );
    await done(app, orderId, 'ProcessPayment');
    app.pass(LATE_MS + 1);
    await lookUp(app);
    expect(effectsOf(app, orderId)).not.toContain('refunded');
  });

  test('asks an operator once about what stands although the stream says that it was undone', async () => {
    const app = open();
    const orderId = await failedOrder(app);
    await done(app, orderId, 'ReserveInventory');
    for (let run = 0; run < 60; run += 1) {
      app.pass(60_000);
      await lookUp(app);
    }
    expect(await typesOf(app, orderId)).toEqual(['InterventionOpened']);
    expect(app.errors.filter((event) => event === 'manual intervention required')).toHaveLength(1);
  });

  test('asks an operator where the service refuses to undo', async () => {
    const app = open();
    const orderId = await failedOrder(app);
    await done(app, orderId, 'CreateShipment');
    app.services.faults.refund = ['refuse'];
    app.services.forever.add('refund');
    app.pass(LATE_MS + 1);
    await lookUp(app);
    const opened = (await app.orders.eventsAfter(SCOPE, orderId, 8))[0];
    expect(opened).toMatchObject({
      type: 'InterventionOpened',
      data: { step: 'ProcessPayment', detailCode: 'STANDS_AFTER_END' },
    });
  });

  test('asks again for what a service could not say, and passes the orders behind it meanwhile', async () => {
    const app = open();
    const first = await failedOrder(app);
    app.pass(1);
    await failedOrder(app, 'key-2');
    await done(app, first, 'ProcessPayment');
    const { lookUpEffect } = app.ports;
    app.ports.lookUpEffect = (step, call) =>
      call.orderId === first
        ? Promise.resolve({ kind: 'transient', outage: null, error: { code: 'X', message: 'x' } })
        : lookUpEffect(step, call);
    app.pass(LATE_MS + 1);
    expect(await lookUp(app)).toMatchObject({ looked: 2, finished: true });
    expect(await lookUp(app)).toMatchObject({ looked: 1, found: 0 });
    app.ports.lookUpEffect = lookUpEffect;
    expect(await lookUp(app)).toMatchObject({ looked: 1, found: 2 });
    expect(effectsOf(app, first)).toContain('refunded');
    expect(await lookUp(app)).toMatchObject({ looked: 0 });
  });

  test('gives up after a day what a service never says, and says so', async () => {
    const app = open();
    const orderId = await failedOrder(app);
    app.services.lookUps = false;
    app.pass(LATE_MS + 1);
    await lookUp(app);
    app.pass(25 * 3_600_000);
    expect(await lookUp(app)).toMatchObject({ looked: 1 });
    expect(await lookUp(app)).toMatchObject({ looked: 0 });
    expect(app.lines.error).toEqual([
      ['late look-up given up', expect.objectContaining({ orderId, errorCode: 'FAULT' }) as object],
    ]);
  });

  test('stops at its budget and goes on there, so that every order is looked at', async () => {
    const app = open();
    for (let index = 0; index < 30; index += 1) {
      await failedOrder(app, `key-${index}`);
      app.pass(10);
    }
    app.pass(LATE_MS);
    const { lookUpEffect } = app.ports;
    const looked = new Set<string>();
    app.ports.lookUpEffect = (step, call) => {
      looked.add(call.orderId);
      app.pass(100);
      return lookUpEffect(step, call);
    };
    const runs: boolean[] = [];
    do runs.push((await runLateLookUp(app.ports, { afterMs: LATE_MS, budgetMs: 3_000 })).finished);
    while (runs.at(-1) === false);
    expect(runs.length).toBeGreaterThan(1);
    expect(looked.size).toBe(30);
  });

  test('leaves nothing standing and undoes nothing twice, whatever came late and however many hosts run it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('ReserveInventory', 'ProcessPayment', 'CreateShipment', 'none'), {
          maxLength: 6,
        }),
        fc.integer({ min: 1, max: 3 }),
        async (late, hosts) => {
          const app = open();
          const ids: string[] = [];
          for (const [index, last] of late.entries()) {
            const orderId = await placed(app, { idempotencyKey: `key-${index}` });
            await happened(app, orderId, facts.cancelRequested, facts.cancelled);
            if (last !== 'none') await done(app, orderId, last);
            ids.push(orderId);
          }
          app.pass(LATE_MS + 1);
          await Promise.all(Array.from({ length: hosts }, () => lookUp(app)));
          const count = (orderId: string, effect: string): number =>
            effectsOf(app, orderId).filter((seen) => seen === effect).length;
          for (const orderId of ids) {
            expect(count(orderId, 'refunded')).toBe(count(orderId, 'charged'));
            expect(count(orderId, 'shipmentCancelled')).toBe(count(orderId, 'shipmentCreated'));
            expect(count(orderId, 'stockReleased')).toBe(count(orderId, 'stockReserved'));
            const types = await app.orders.eventsAfter(SCOPE, orderId, 0);
            expect(new Set(types.map(({ type }) => type)).size).toBe(types.length);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
