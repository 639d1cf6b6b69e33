// What an activity writes when the order in the store is not as the saga expects it, and how a saga's last activity ends it.
import { createOrderActivities, type OrderActivities } from '../../../src/activities/order-activities';
import type { OrderStepInput, OrderStepOutput } from '../../../src/activities/step-stream';
import { headOf } from '../../../src/domain/order';
import type { Failure, OrderFact } from '../../../src/domain/order-events';
import { TerminalError } from '../../../src/errors';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { toEnvelope } from '../../../src/events/envelope';
import type { ServiceCall } from '../../../src/ports/downstream';
import { isFree, REFUSED_WRITE_LIMIT_MS } from '../../../src/saga/engine/step-failures';
import { createFakeServices } from '../../support/fake-services';
import { createMemoryOrderStore } from '../../support/memory-order-store';
import {
  SCOPE,
  AT,
  ORDER_ID,
  created,
  facts,
  failedOrder,
  orderAfter,
  started,
  streamOf,
} from '../../support/orders';

type Name = keyof OrderActivities;
type Input = OrderStepInput<never>;

const declined: Failure = facts.compensationStarted.data;

const callOf = (step: Name): ServiceCall => ({
  ...{ key: `${ORDER_ID}:${step}`, orderId: ORDER_ID, customerId: 'cust-1', timeoutMs: 1 },
  ...{ correlationId: '', traceparent: '' },
});

/** Activities over a store that holds an order of which `held` has happened. */
function open(...held: OrderFact[]) {
  const orders = createMemoryOrderStore();
  const order = orderAfter(...held);
  const events = streamOf(created, ...held).map((event) =>
    toEnvelope(order, event, event.sequence, { actor: 'test', occurredAt: AT, key: null }),
  );
  const { etag } = orders.seed(order, events);
  const clock = { nowMs: () => Date.parse(AT) };
  const services = createFakeServices();
  const activities = createOrderActivities({ orders, clock, ...services });
  const errors: object[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (event: string, fields: object) => void errors.push({ event, ...fields }),
  };
  const run = async (step: Name, more: Partial<Input> = {}): Promise<OrderStepOutput> => {
    const input = {
      ...{ state: headOf(order), etag, step, undoes: null, key: `${ORDER_ID}:${step}`, nextStep: null },
      ...{ attempt: 1, lastError: null, timeoutMs: 1_000, refusedForMs: 0, facts: [], failure: null },
      ...{ answer: null, payload: { reservationKey: `${ORDER_ID}:ReserveInventory` }, ...more },
    };
    if (step === 'ConfirmInventory') await services.inventory.reserve(callOf('ReserveInventory'), []);
    return activities[step](input as Input, log);
  };
  const written = async (): Promise<string[]> =>
    (await orders.eventsAfter(SCOPE, ORDER_ID, events.length)).map(({ type }) => type);
  return { orders, services, run, written, errors };
}

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

/** What the saga has seen of an order, and the store has lost since. */
const ahead = (...seen: OrderFact[]): Pick<Input, 'state' | 'etag'> => ({
  state: headOf(orderAfter(...seen)),
  etag: 'of a version that is gone',
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
        ...{ event: 'manual intervention required', orderId: ORDER_ID, correlationId: 'corr-1' },
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

describe('an undoing', () => {
  const paid = [started, facts.stockReserved, facts.paymentProcessed];
  const undo = {
    ...{ undoes: 'ProcessPayment', failure: declined },
    payload: { chargeKey: `${ORDER_ID}:ProcessPayment` } as never,
  };

  test('S23: does nothing before the stream says that the order goes back', async () => {
    const { run, written } = open(...paid);
    expect((await run('RefundPayment', undo)).outcome).toEqual({ kind: 'overtaken' });
    expect(await written()).toEqual([]);
  });

  test('S25: that finds nothing closes the key, and nothing is said to be refunded', async () => {
    const { run, written } = open(
      started,
      facts.stockReserved,
      facts.paymentFailed,
      facts.compensationStarted,
    );
    expect((await run('RefundPayment', undo)).outcome).toMatchObject({ kind: 'done' });
    expect(await written()).toEqual([]);
    expect((await run('ProcessPayment', { payload: { amountMinor: 1 } as never })).outcome.kind).toBe(
      'overtaken',
    );
  });

  test('S25: that finds nothing where the order says that something was done is for an operator', async () => {
    const { run, written } = open(...paid, facts.compensationStarted);
    expect((await run('RefundPayment', undo)).outcome).toMatchObject({
      ...{ kind: 'refused', detailCode: 'NOTHING_TO_UNDO' },
    });
    expect(await written()).toEqual([]);
  });

  test('S25: is recorded after the end too', async () => {
    const { run, written, services } = open(started, facts.paymentFailed, facts.failed);
    await services.payment.charge(callOf('ProcessPayment'), {
      amountMinor: 1,
      currency: 'USD',
      method: 'card',
    });
    expect((await run('RefundPayment', undo)).outcome).toMatchObject({ kind: 'done' });
    expect(await written()).toEqual(['PaymentRefunded']);
  });
});

describe('a step that acted', () => {
  const pay = { payload: { amountMinor: 1, currency: 'USD', method: 'card' } as never };

  test('S25: and whose order has ended meanwhile asks for an operator, once', async () => {
    const ended = open(started, facts.paymentFailed, facts.failed);
    const seen = ahead(started);
    for (const attempt of [1, 2])
      expect((await ended.run('ProcessPayment', { ...pay, ...seen, attempt })).outcome.kind).toBe(
        'overtaken',
      );
    expect(await ended.written()).toEqual(['InterventionOpened']);
    expect(ended.errors).toHaveLength(1);
  });

  test('S23: and whose order goes back meanwhile leaves it to the saga to undo', async () => {
    const { run, written, errors } = open(started, facts.stockReserved, facts.compensationStarted);
    const seen = ahead(started, facts.stockReserved);
    expect((await run('ProcessPayment', { ...pay, ...seen })).outcome.kind).toBe('overtaken');
    expect([await written(), errors]).toEqual([[], []]);
  });

  test('S25: and was given up as undone meanwhile asks for an operator', async () => {
    const givenUp: OrderFact = {
      type: 'CompensationFailed',
      data: { ...facts.paymentRefunded.data, reason: 'no answer', transactionId: null },
    };
    const { run, written } = open(started, facts.stockReserved, facts.compensationStarted, givenUp);
    await run('ProcessPayment', { ...pay, ...ahead(started, facts.stockReserved) });
    expect(await written()).toEqual(['InterventionOpened']);
  });
});

describe('the pivot', () => {
  test('S7: calls no carrier after a cancel was accepted', async () => {
    const { run, services } = open(
      ...[started, facts.stockReserved, facts.paymentProcessed],
      facts.cancelRequested,
    );
    const seen = ahead(started, facts.stockReserved, facts.paymentProcessed);
    const shipped = await run('CreateShipment', {
      ...seen,
      payload: { address: null, itemCount: 1 } as never,
    });
    expect(shipped.outcome.kind).toBe('overtaken');
    expect(services.ledger).toEqual([]);
  });

  test('S7: of an order with nothing to ship confirms no stock after a cancel was accepted', async () => {
    const { run, services } = open(
      ...[started, facts.stockReserved, facts.paymentProcessed],
      facts.cancelRequested,
    );
    const seen = ahead(started, facts.stockReserved, facts.paymentProcessed);
    const confirmed = await run('ConfirmInventory', {
      ...{ ...seen, state: { ...seen.state, physicalCount: 0 } },
      payload: { reservationKey: 'o-1:ReserveInventory' } as never,
    });
    expect(confirmed.outcome.kind).toBe('overtaken');
    // What `run` prepares for a confirmation.
    expect(services.ledger.map(({ effect }) => effect)).toEqual(['stockReserved']);
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
