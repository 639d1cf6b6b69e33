// Activities of the order saga, by registered name. Each has one effect in one service and records it in one write;
// CompleteOrder has only the write.
import { needsShipping } from '../domain/order';
import { linesOf } from '../events/placed-order';
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
import type { OrderActivityName, OrderActivityPayloads } from '../saga/order/order-saga';
import { approvedWithPayment, approveOrder } from './approve-order';
import type { ReturnActivities } from './return-activities';
import { chargeMoney, refundMoney } from './free-payment';
import { endOrder, runStep, runUndo, stepDone } from './step-runner';
import type { OrderStepInput, OrderStepOutput, StepPorts } from './step-stream';

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

/**
 * The activities by registered name, over the given ports; each takes the log of its invocation. Each may run any
 * number of times (step-stream.A2).
 */
export function createOrderActivities(ports: ActivityPorts): OrderActivities {
  return {
    ...inventoryActivities(ports),
    ...paymentActivities(ports),
    ApproveOrder: (input, log) => approveOrder(ports, log, input),
    ...shippingActivities(ports),
    CompleteOrder: (input, log) => endOrder(ports, log, input),
  };
}

/** Calls an activity by its registered name, as the platform does. Rejects for a name that none has. */
export function activityCaller(
  activities: OrderActivities | (OrderActivities & ReturnActivities),
): (name: string, input: unknown, log: Log) => Promise<OrderStepOutput> {
  return async (name, input, log) => {
    const activity = new Map<string, (input: never, log: Log) => Promise<OrderStepOutput>>(
      Object.entries(activities),
    ).get(name);
    if (activity === undefined) throw new TerminalError('NO_SUCH_ACTIVITY', `there is no activity ${name}`);
    return activity(input as never, log);
  };
}

function inventoryActivities(
  ports: ActivityPorts,
): Pick<OrderActivities, 'ReserveInventory' | 'ConfirmInventory' | 'CompensateInventory'> {
  const { inventory } = ports;
  return {
    ReserveInventory: (input, log) =>
      runStep(ports, log, input, {
        act: async (call) => inventory.reserve(call, await linesOf(ports.orders, input.state)),
        lookUp: async (call) =>
          standing(await inventory.findReservation(call, call.key), 'reserved', 'confirmed'),
        facts: ({ reservationId }) => [
          { type: 'StockReserved', data: { ...stepDone(input), reservationId } },
        ],
      }),

    ConfirmInventory: (input, log) =>
      runStep<unknown>(ports, log, input, {
        looksFirst: !needsShipping(input.state),
        act: (call) => inventory.confirm(call, input.payload.reservationKey),
        lookUp: async (call) =>
          standing(await inventory.findReservation(call, input.payload.reservationKey), 'confirmed'),
        facts: () => [
          { type: 'StockConfirmed', data: stepDone(input) },
          ...(input.nextStep === null ? [{ type: 'OrderCompleted' as const, data: {} }] : []),
        ],
      }),

    CompensateInventory: (input, log) =>
      runUndo(ports, log, input, {
        act: (call) => inventory.release(call, input.payload.reservationKey, input.payload.evenConfirmed),
        lookUp: async (call) => undoing(await inventory.findReservation(call, input.payload.reservationKey)),
        fact: (undone) => ({ type: 'StockReleased', data: undone }),
      }),
  };
}

function paymentActivities(ports: ActivityPorts): Pick<OrderActivities, 'ProcessPayment' | 'RefundPayment'> {
  const { payment } = ports;
  return {
    ProcessPayment: (input, log) =>
      runStep(ports, log, input, {
        act: (call) => chargeMoney(payment, call, input.payload),
        lookUp: async (call) => standing(await payment.findCharge(call, call.key), 'charged'),
        facts: ({ transactionId }) => {
          const { amountMinor } = input.payload;
          return [
            { type: 'PaymentProcessed', data: { ...stepDone(input), transactionId, amountMinor } },
            ...approvedWithPayment(input),
          ];
        },
      }),

    RefundPayment: (input, log) =>
      runUndo(ports, log, input, {
        act: (call, order, entry) => refundMoney(payment, call, { ...input.payload, entry }, order),
        lookUp: async (call) => undoing(await payment.findCharge(call, input.payload.chargeKey)),
        fact: (undone) => ({ type: 'PaymentRefunded', data: undone }),
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
        looksFirst: true,
        act: (call) => shipping.ship(call, input.payload),
        lookUp: async (call) => standing(await shipping.findShipment(call, call.key), 'created'),
        facts: ({ trackingId }) => [{ type: 'ShipmentCreated', data: { ...stepDone(input), trackingId } }],
      }),

    CancelShipment: (input, log) =>
      runUndo(ports, log, input, {
        act: (call) => shipping.cancel(call, input.payload.shipmentKey),
        lookUp: async (call) => undoing(await shipping.findShipment(call, input.payload.shipmentKey)),
        fact: (undone) => ({ type: 'ShipmentCancelled', data: undone }),
      }),
  };
}

/** What a look-up shows to have been done and to stand, in one of `statuses`. */
function standing<T extends { readonly status: string }>(
  found: Found<T | NeverDone>,
  ...statuses: readonly string[]
): Found<Exclude<T, NeverDone>> {
  if (found.kind !== 'done') return found;
  const { value } = found;
  const stands = value !== null && statuses.includes(value.status);
  return stands ? { kind: 'done', value: value as Exclude<T, NeverDone> } : NOTHING;
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
