// What an activity writes when the order in the store is not as the saga expects it, and how a saga's last activity ends it.
import { createOrderActivities, type OrderActivities } from '../../src/activities/order-activities';
import type { OrderStepInput, OrderStepOutput } from '../../src/activities/step-stream';
import { headOf } from '../../src/domain/order';
import type { Failure, OrderFact } from '../../src/domain/order-events';
import { toEnvelope } from '../../src/events/envelope';
import { createFakeServices } from '../support/fake-services';
import { createMemoryOrderStore } from '../support/memory-order-store';
import { AT, ORDER_ID, created, facts, failedOrder, orderAfter, started, streamOf } from '../support/orders';

type Name = keyof OrderActivities;
type Input = OrderStepInput<never>;

const declined: Failure = facts.compensationStarted.data;

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
  const reserve = {
    key: `${ORDER_ID}:ReserveInventory`,
    orderId: ORDER_ID,
    customerId: 'cust-1',
    timeoutMs: 1,
  };
  const run = async (step: Name, more: Partial<Input> = {}): Promise<OrderStepOutput> => {
    const input = {
      ...{ state: headOf(order), etag, step, undoes: null, key: `${ORDER_ID}:${step}`, nextStep: null },
      ...{ attempt: 1, lastError: null, timeoutMs: 1_000, refusedForMs: 0, facts: [], failure: null },
      ...{ answer: null, payload: { reservationKey: `${ORDER_ID}:ReserveInventory` }, ...more },
    };
    if (step === 'ConfirmInventory')
      await services.inventory.reserve({ ...reserve, correlationId: '', traceparent: '' }, []);
    return activities[step](input as Input, log);
  };
  const written = async (): Promise<string[]> =>
    (await orders.eventsAfter(ORDER_ID, events.length)).map(({ type }) => type);
  return { orders, run, written, errors };
}

/** What the saga has seen of an order, and the store has lost since. */
const ahead = (...seen: OrderFact[]): Pick<Input, 'state' | 'etag'> => ({
  state: headOf(orderAfter(...seen)),
  etag: 'of a version that is gone',
});

const WENT_BACK = { outcome: { kind: 'transient', outage: null, error: { code: 'ORDER_WENT_BACK' } } };

describe('A4: a saga that has seen more than the store still holds', () => {
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
    expect((await orders.eventsAfter(ORDER_ID, 2))[0]?.data).toMatchObject({
      ...{ step: 'ConfirmInventory', attempts: 3, code: 'SAGA_LOST', detailCode: 'ORDER_WENT_BACK' },
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
    expect((await orders.eventsAfter(ORDER_ID, 1 + undone.length))[0]?.data).toMatchObject({
      failedStep: 'ProcessPayment',
    });
  });
});
