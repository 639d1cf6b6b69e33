// Activities of the order saga, by registered name. Each has one effect in one service and records it in one write;
// CompleteOrder has only the write.
import { needsShipping } from '../domain/order';
import { linesOf } from '../events/placed-order';
import { TerminalError } from '../errors';
import type { Outcome } from '../domain/outcome';
import { ERASED } from '../domain/personal-data';
import { withoutEcho } from '../domain/redaction';
import { openAddress } from '../events/personal-fields';
import type {
  InventoryService,
  PaymentService,
  PromotionService,
  ServiceCall,
  ShippingService,
} from '../ports/downstream';
import type { FieldCipher } from '../ports/field-cipher';
import type { Log } from '../ports/log';
import type { OrderActivityName, OrderActivityPayloads } from '../saga/order/order-saga';
import { approveOrder } from './approve-order';
import { couponActivities } from './coupon-activities';
import { refusedForErasure } from './erased-data';
import { standing, undoing } from './looked-up';
import { paymentActivities } from './payment-activities';
import type { ReturnActivities } from './return-activities';
import { endOrder, runStep, runUndo, stepDone } from './step-runner';
import type { OrderActivity, OrderStepInput, OrderStepOutput, StepPorts } from './step-stream';

export type OrderActivities = {
  readonly [N in OrderActivityName]: OrderActivity<N>;
};

export interface ActivityPorts extends StepPorts {
  readonly inventory: InventoryService;
  readonly promotion: PromotionService;
  readonly payment: PaymentService;
  readonly shipping: ShippingService;
  readonly cipher: FieldCipher;
}

/**
 * The activities by registered name, over the given ports; each takes the log of its invocation. Each may run any
 * number of times (step-stream.A2).
 */
export function createOrderActivities(ports: ActivityPorts): OrderActivities {
  return {
    ...inventoryActivities(ports),
    ...couponActivities(ports),
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

function shippingActivities(
  ports: ActivityPorts,
): Pick<OrderActivities, 'CreateShipment' | 'CancelShipment'> {
  const { shipping } = ports;
  return {
    CreateShipment: (input, log) =>
      runStep(ports, log, input, {
        looksFirst: true,
        act: (call) => ship(ports, call, input),
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

/** The carrier is the only one who is told the address. */
async function ship(
  { shipping, cipher }: ActivityPorts,
  call: ServiceCall,
  { state, payload }: OrderStepInput<OrderActivityPayloads['CreateShipment']>,
): Promise<Outcome<{ trackingId: string }>> {
  const address = await openAddress(cipher, state, payload.address);
  if (address === ERASED) return refusedForErasure('the address');
  const told = Object.values(address ?? {}).filter((value) => value !== undefined);
  return withoutEcho(await shipping.ship(call, { ...payload, address }), told);
}
