// What an activity writes when the order in the store is not as the saga expects it, and how a saga's last activity ends it.
import { anyTraceId } from '../../support/log-lines';
import type { Failure, OrderFact } from '../../../src/domain/order-events';
import { TerminalError } from '../../../src/errors';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { toEnvelope } from '../../../src/events/envelope';
import { isFree, REFUSED_WRITE_LIMIT_MS } from '../../../src/saga/engine/step-failures';
import { SCOPE, AT, ORDER_ID, facts, failedOrder, started } from '../../support/orders';
import { ahead, declined, open } from './activities-fixture';

test('S21: an activity that meets an event of a newer release waits for one, and uses no attempt', async () => {
  const { orders, run, written } = open(started);
  const stored = await orders.read(SCOPE, ORDER_ID);
  if (stored === undefined) throw new Error('the order is gone');
  const told = { actor: 'test', occurredAt: AT, key: null };
  const screened = { ...toEnvelope(stored.order, facts.stockReserved, 3, told), type: 'CustomerScreened' };
  await orders.append(SCOPE, stored.order, stored.etag, { ...stored.order, version: 3 }, [
    screened as EventEnvelope,
  ]);
  const { outcome, events, version } = await run('ReserveInventory');
  expect(outcome).toMatchObject({ kind: 'transient', outage: 'store', error: { code: 'EVENT_NEWER' } });
  expect([events, version, await written()]).toEqual([[], 2, ['CustomerScreened']]);
});

const WENT_BACK = { outcome: { kind: 'transient', outage: null, error: { code: 'ORDER_WENT_BACK' } } };

describe('step-stream.A4: a saga that has seen more than the store still holds', () => {
  const seen = ahead(started, facts.stockReserved, facts.paymentProcessed, facts.shipmentCreated);

  test('writes nothing at its first two attempts: a replica may be behind', async () => {
    const { run, written, errors } = open(started);
    for (const attempt of [1, 2]) {
      const confirmed = run('ConfirmInventory', { ...seen, attempt });
      expect(await confirmed).toMatchObject(WENT_BACK);
    }
    expect([await written(), errors]).toEqual([[], []]);
  });

  test('tells an operator from the third on, once', async () => {
    const { orders, run, written, errors } = open(started);
    for (const attempt of [3, 4]) {
      const confirmed = run('ConfirmInventory', { ...seen, attempt });
      expect(await confirmed).toMatchObject(WENT_BACK);
    }
    expect(await written()).toEqual(['InterventionOpened']);
    expect((await orders.eventsAfter(SCOPE, ORDER_ID, 2))[0]?.data).toMatchObject({
      ...{ step: 'ConfirmInventory', attempts: 3, code: 'SAGA_LOST', detailCode: 'ORDER_WENT_BACK' },
      lastError: { code: 'ORDER_WENT_BACK' },
      reason: 'the order store has lost events that the saga has seen',
    });
    expect(errors).toEqual([
      {
        ...{
          event: 'manual intervention required',
          orderId: ORDER_ID,
          correlationId: 'corr-1',
          traceId: anyTraceId(),
        },
        ...{ step: 'ConfirmInventory', attempt: 3 },
        reason: 'the order store has lost events that the saga has seen',
      },
    ]);
  });

  test('writes nothing into an order that has ended meanwhile', async () => {
    const { run, written, errors } = open(started, facts.cancelRequested, facts.cancelled);
    const confirmed = run('ConfirmInventory', { ...seen, attempt: 3 });
    expect(await confirmed).toMatchObject(WENT_BACK);
    expect([await written(), errors]).toEqual([[], []]);
  });
});

test('reserving for an order that is gone from the store is an error that names it', async () => {
  const { orders, run } = open(started);
  orders.placed = () => Promise.resolve(undefined);
  expect(await run('ReserveInventory')).toMatchObject({
    outcome: { kind: 'transient', outage: null, error: { code: 'ORDER_VANISHED' } },
  });
});

describe('the end of an order', () => {
  const shipped = [started, facts.stockReserved, facts.paymentProcessed, facts.shipmentCreated];

  test('comes with the confirmation when that is the last step, and not when another follows', async () => {
    const last = open(...shipped);
    await last.run('ConfirmInventory', { nextStep: null });
    expect(await last.written()).toEqual(['StockConfirmed', 'OrderCompleted']);
    const followed = open(...shipped);
    await followed.run('ConfirmInventory', { nextStep: 'SendInvoice' });
    expect(await followed.written()).toEqual(['StockConfirmed']);
  });

  test.each<[string, readonly OrderFact[], Failure | null, readonly string[]]>([
    ['all steps done', [...shipped, facts.stockConfirmed], null, ['OrderCompleted']],
    ['a failure', [started, facts.paymentFailed], declined, ['OrderFailed']],
    ['a cancel', [started, facts.cancelRequested], facts.cancelled.data, ['OrderCancelled']],
    ['a failure after a cancel', [started, facts.cancelRequested], declined, ['OrderCancelled']],
    ['a failure after the parcel left', shipped, declined, []],
    ['an end that is written', [started, facts.paymentFailed, facts.failed], declined, []],
  ])('after %s is written as what it is', async (_, held, failure, expected) => {
    const { run, written } = open(...held);
    expect(await run('CompleteOrder', { failure })).toMatchObject({ outcome: { kind: 'done' } });
    expect(await written()).toEqual(expected);
  });

  const undone = failedOrder.slice(0, -1);

  test('of a failed order names the step that failed', async () => {
    const { orders, run } = open(...undone);
    await run('CompleteOrder', { failure: declined });
    expect((await orders.eventsAfter(SCOPE, ORDER_ID, 1 + undone.length))[0]?.data).toMatchObject({
      failedStep: 'ProcessPayment',
    });
  });
});

describe('a store that answers and refuses what is written', () => {
  const refusing = () => {
    const opened = open(started);
    opened.orders.beforeAppend = () => {
      opened.orders.beforeAppend = () => Promise.resolve();
      return Promise.reject(new TerminalError('STORE_REFUSED', 'the store refused a batch (413)'));
    };
    return opened;
  };

  test('S11: is called again for some minutes without an attempt', async () => {
    const { run, written } = refusing();
    const { outcome } = await run('ReserveInventory', { refusedForMs: REFUSED_WRITE_LIMIT_MS - 1 });
    expect(outcome).toMatchObject({ kind: 'transient', outage: 'refusal' });
    expect(isFree(outcome, true, { calls: 9, refusedForMs: REFUSED_WRITE_LIMIT_MS - 1 })).toBe(true);
    expect(await written()).toEqual([]);
  });

  test("S11: is an operator's after that", async () => {
    const { run, written, errors } = refusing();
    const { outcome } = await run('ReserveInventory', { refusedForMs: REFUSED_WRITE_LIMIT_MS });
    expect(isFree(outcome, true, { calls: 10, refusedForMs: REFUSED_WRITE_LIMIT_MS })).toBe(false);
    expect(await written()).toEqual(['InterventionOpened']);
    expect(errors).toHaveLength(1);
  });
});
