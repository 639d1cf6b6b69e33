// The activities of the order saga. Each has one effect in one service and tells it in one write.
import type { OrderLine, Undone } from '../domain/order-events';
import { TerminalError } from '../errors';
import type {
  Found,
  InventoryService,
  NeverDone,
  PaymentService,
  ShippingService,
  Undoing,
} from '../ports/downstream';
import type { Log } from '../ports/log';
import type { OrderActivityName, OrderActivityPayloads } from '../saga/order-saga';
import {
  endOrder,
  runStep,
  stepDone,
  type OrderStepInput,
  type OrderStepOutput,
  type StepPorts,
} from './step-runner';

export type OrderActivities = {
  readonly [N in OrderActivityName]: (
    input: OrderStepInput<OrderActivityPayloads[N]>,
    log: Log,
  ) => Promise<OrderStepOutput>;
};

export interface ActivityPorts extends StepPorts {
  readonly inventory: InventoryService;
  readonly payment: PaymentService;
  readonly shipping: ShippingService;
}

/** The activities by registered name, over the given ports; each takes the log of its invocation. Each may run any number of times (A2). */
export function createOrderActivities(ports: ActivityPorts): OrderActivities {
  return {
    ...inventoryActivities(ports),
    ...paymentActivities(ports),
    ...shippingActivities(ports),
    CompleteOrder: (input, log) => endOrder(ports, log, input),
  };
}

function inventoryActivities(
  ports: ActivityPorts,
): Pick<OrderActivities, 'ReserveInventory' | 'ConfirmInventory' | 'CompensateInventory'> {
  const { inventory } = ports;
  return {
    ReserveInventory: (input, log) =>
      runStep(ports, log, input, {
        act: async (call) => inventory.reserve(call, await linesOf(ports, call.orderId)),
        lookUp: async (call) => done(await inventory.findReservation(call, call.key)),
        proves: ({ status }) => status !== 'released',
        facts: ({ reservationId }) => [
          { type: 'StockReserved', data: { ...stepDone(input), reservationId } },
        ],
      }),

    ConfirmInventory: (input, log) =>
      runStep(ports, log, input, {
        act: (call) => inventory.confirm(call, input.payload.reservationKey),
        lookUp: (call) => inventory.findReservation(call, input.payload.reservationKey),
        proves: ({ status }) => status === 'confirmed',
        facts: () => [
          { type: 'StockConfirmed', data: stepDone(input) },
          ...(input.nextStep === null ? [{ type: 'OrderCompleted' as const, data: {} }] : []),
        ],
      }),

    CompensateInventory: (input, log) =>
      runStep(ports, log, input, {
        act: (call) => inventory.release(call, input.payload.reservationKey),
        lookUp: async (call) => undoing(await inventory.findReservation(call, input.payload.reservationKey)),
        proves: () => true,
        facts: () => [{ type: 'StockReleased', data: undone(input) }],
      }),
  };
}

function paymentActivities(ports: ActivityPorts): Pick<OrderActivities, 'ProcessPayment' | 'RefundPayment'> {
  const { payment } = ports;
  return {
    ProcessPayment: (input, log) =>
      runStep(ports, log, input, {
        act: (call) => payment.charge(call, input.payload),
        lookUp: async (call) => done(await payment.findCharge(call, call.key)),
        proves: ({ status }) => status === 'charged',
        facts: ({ transactionId }) => {
          const { amountMinor } = input.payload;
          return [{ type: 'PaymentProcessed', data: { ...stepDone(input), transactionId, amountMinor } }];
        },
      }),

    RefundPayment: (input, log) =>
      runStep(ports, log, input, {
        act: (call) => payment.refund(call, input.payload.chargeKey),
        lookUp: async (call) => undoing(await payment.findCharge(call, input.payload.chargeKey)),
        proves: () => true,
        facts: () => [{ type: 'PaymentRefunded', data: undone(input) }],
      }),
  };
}

function shippingActivities(
  ports: ActivityPorts,
): Pick<OrderActivities, 'CreateShipment' | 'CancelShipment'> {
  const { shipping } = ports;
  return {
    CreateShipment: (input, log) =>
      runStep(ports, log, input, {
        act: (call) => shipping.ship(call, input.payload),
        lookUp: async (call) => done(await shipping.findShipment(call, call.key)),
        proves: ({ status }) => status === 'created',
        // The pivot is this fact, so a cancel request that came first wins: the parcel is called back instead (S7).
        facts: ({ trackingId }, { cancelRequestedAt }) =>
          cancelRequestedAt === null
            ? [{ type: 'ShipmentCreated', data: { ...stepDone(input), trackingId } }]
            : [],
      }),

    CancelShipment: (input, log) =>
      runStep(ports, log, input, {
        act: (call) => shipping.cancel(call, input.payload.shipmentKey),
        lookUp: async (call) => undoing(await shipping.findShipment(call, input.payload.shipmentKey)),
        proves: () => true,
        facts: () => [{ type: 'ShipmentCancelled', data: undone(input) }],
      }),
  };
}

/** The lines stay in the store: they can be a thousand, and the history should hold none of them. */
async function linesOf({ orders }: StepPorts, orderId: string): Promise<readonly OrderLine[]> {
  const placed = await orders.placed(orderId);
  if (placed === undefined)
    throw new TerminalError('ORDER_VANISHED', `order ${orderId} is gone from the store`);
  return placed.lines;
}

/** What a look-up shows as done, or undone since; a key under which nothing was or will be done shows nothing. */
function done<T extends object>(found: Found<T | NeverDone>): Found<T> {
  if (found.kind !== 'done') return found;
  const { value } = found;

  return value === null || isNeverDone(value) ? NOTHING : { kind: 'done', value };
}

/** What a look-up proves about an undoing whose answer was lost; null while what was done stands. */
function undoing(found: Found<{ readonly status: string }>): Found<Undoing> {
  if (found.kind !== 'done') return found;
  const status = found.value?.status ?? 'nothing';
  if (UNDONE.includes(status)) return { kind: 'done', value: { found: 'undone' } };
  return NEVER_DONE.includes(status) ? { kind: 'done', value: { found: 'closed' } } : NOTHING;
}

const NOTHING = { kind: 'done', value: null } as const;
const UNDONE: readonly string[] = ['released', 'refunded', 'cancelled'];
const NEVER_DONE: readonly string[] = ['closed', 'refused'] satisfies NeverDone['status'][];

const isNeverDone = (found: object): found is NeverDone =>
  'status' in found && NEVER_DONE.includes(String(found.status));

function undone({ step, undoes, attempt, lastError }: OrderStepInput<unknown>): Undone {
  return { step, undoes: undoes ?? step, attempts: attempt, lastError };
}
