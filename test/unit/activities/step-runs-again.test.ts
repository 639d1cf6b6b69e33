// S5: an activity that was killed between its record and the durable history runs again, on services that may be away.
import { sharedCipher } from '../../support/field-cipher';
import { createOrderActivities, type OrderActivities } from '../../../src/activities/order-activities';
import { evolve, headOf } from '../../../src/domain/order';
import type { OrderFact } from '../../../src/domain/order-events';
import { placeOrder } from '../../../src/commands/place-order';
import type { OrderStepInput, OrderStepOutput } from '../../../src/activities/step-stream';
import { createFakeServices } from '../../support/fake-services';
import { createMemoryInventoryView } from '../../support/memory-inventory-view';
import { createMemoryOrderStore } from '../../support/memory-order-store';
import { SCOPE, facts, orderRequest } from '../../support/orders';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NOBODY = { find: () => Promise.resolve(undefined), ping: () => Promise.resolve() };
const STARTED = { start: () => Promise.resolve(), signalCancel: () => Promise.resolve() };

const decided: OrderFact = facts.compensationStarted;

type Input = OrderStepInput<never>;
type Name = keyof OrderActivities;

test('S5: a compensation whose record nobody heard of is not recorded again when its service is away meanwhile', async () => {
  const orders = createMemoryOrderStore();
  const services = createFakeServices();
  const clock = { nowMs: () => Date.parse('2026-01-01T00:00:00.000Z') };
  const ports = { orders, clock, cipher: sharedCipher, log };
  const activities = createOrderActivities({ ...ports, ...services });
  const sagas = { ...NOBODY, ...STARTED } as never;
  const placed = await placeOrder(
    {
      ...ports,
      sagas,
      inventoryView: createMemoryInventoryView(),
      sagaVersion: 1,
      couponFailurePolicy: 'fail',
    },
    {
      request: orderRequest,
      scope: SCOPE,
      idempotencyKey: 'k',
      correlationId: 'c',
      traceparent: undefined,
    },
  );
  if (!('order' in placed)) throw new Error(placed.kind);
  const { orderId } = placed.order;
  const stored = await orders.read(SCOPE, orderId);
  if (stored === undefined) throw new Error('not stored');

  const run = (name: Name, input: Input): Promise<OrderStepOutput> => activities[name](input, log);
  const inputOf = (name: Name, more: Partial<Input>): Input =>
    ({
      ...{
        state: headOf(stored.order),
        etag: stored.etag,
        step: name,
        undoes: null,
        key: `${orderId}:${name}`,
      },
      ...{ nextStep: null, attempt: 1, lastError: null, timeoutMs: 1_000, refusedForMs: 0, facts: [] },
      ...{ failure: null, answer: null, payload: { reservationKey: `${orderId}:ReserveInventory` } },
      ...more,
    }) as Input;
  /** The next call of the saga, which has seen what the last one answered. */
  const after = (input: Input, { events, etag, recorded }: OrderStepOutput, more: Partial<Input>): Input => ({
    ...input,
    ...{ state: events.reduce(evolve, input.state), etag, facts: recorded.length > 0 ? [] : input.facts },
    ...more,
  });

  const reserve = inputOf('ReserveInventory', {});
  const reserved = await run('ReserveInventory', reserve);
  const undo = inputOf('CompensateInventory', {
    ...{ state: reserved.events.reduce(evolve, reserve.state), etag: reserved.etag },
    ...{ undoes: 'ReserveInventory', facts: [decided] },
  });

  // Killed before anybody hears of it.
  await run('CompensateInventory', undo);
  services.faults.release = ['down'];
  let input = undo;
  let output = await run('CompensateInventory', input);
  for (let attempt = 2; output.outcome.kind !== 'done' && attempt < 5; attempt++) {
    input = after(input, output, { attempt });
    output = await run('CompensateInventory', input);
  }

  const types = (await orders.eventsAfter(SCOPE, orderId, 0)).map(({ type }) => type);
  expect(types.slice(-3)).toEqual(['StockReserved', 'CompensationStarted', 'StockReleased']);
  expect(after(input, output, {}).state.saga.compensatedSteps).toEqual(['ReserveInventory']);
});
