// Driver of the order saga's decisions on a stream that obeys the domain: scripted outcomes, and what comes of them.
import type { OrderSagaTypes } from '../../src/saga/order/order-saga';
import { evolve, type OrderHead } from '../../src/domain/order';
import { takenFacts } from '../../src/domain/order-rules';
import type { OrderFact } from '../../src/domain/order-events';
import { orderSaga } from '../../src/saga/order/order-saga-versions';
import { drivePlan, type Around, type Driven, type Scripted } from './plan-driver';
import { facts as told, orderAfter, started } from './orders';

export const saga = orderSaga(1, 1);
/** An order whose saga has begun. */
export const order: OrderHead = orderAfter(started);

export const done: Scripted = { outcome: { kind: 'done', value: null } };
const error = { code: 'E', message: 'it failed' };
export const refused: Scripted = { outcome: { kind: 'refused', detailCode: 'NO', reason: 'no' } };
export const unknown: Scripted = { outcome: { kind: 'unknown', cause: 'timeout', error } };
export const transient: Scripted = { outcome: { kind: 'transient', outage: null, error } };
export const away: Scripted = { outcome: { kind: 'transient', outage: 'service', error } };
export const overtaken: Scripted = { outcome: { kind: 'overtaken' } };

export const FORWARD = ['ReserveInventory', 'ProcessPayment', 'CreateShipment', 'ConfirmInventory'];
export const UNDO_FROM_SHIPMENT = ['CancelShipment', 'RefundPayment', 'CompensateInventory', 'CompleteOrder'];
export const UNDO: Readonly<Record<string, string>> = {
  ReserveInventory: 'CompensateInventory',
  ProcessPayment: 'RefundPayment',
  CreateShipment: 'CancelShipment',
};

/** What each activity writes into the stream when it is done. */
const RECORDS: Readonly<Record<string, readonly OrderFact[]>> = {
  ReserveInventory: [told.stockReserved],
  ProcessPayment: [told.paymentProcessed],
  CreateShipment: [told.shipmentCreated],
  ConfirmInventory: [told.stockConfirmed, told.completed],
  CancelShipment: [
    { type: 'ShipmentCancelled', data: { ...told.paymentRefunded.data, undoes: 'CreateShipment' } },
  ],
  RefundPayment: [told.paymentRefunded],
  CompensateInventory: [told.stockReleased],
  CompleteOrder: [told.failed],
};

/** The stream as the activities keep it: it takes what the domain lets it take. */
export function afterCall(
  before: OrderHead,
  activity: string,
  { outcome, interruption }: Scripted,
  decided: readonly OrderFact[],
): OrderHead {
  const request = interruption === 'cancelled' ? [told.cancelRequested] : [];
  const records = outcome.kind === 'done' ? (RECORDS[activity] ?? []) : [];
  return takenFacts(before, [...decided, ...records, ...request]).reduce<OrderHead>(
    (state, fact) => evolve(state, { ...fact, sequence: state.version + 1, occurredAt: state.updatedAt }),
    before,
  );
}

/** Drives the order's plan on such a stream. */
export const drive = (
  plan: typeof saga,
  state: OrderHead,
  script: (activity: string, attempt: number) => Scripted,
  around: Around<OrderSagaTypes> = {},
): Driven<OrderSagaTypes> => drivePlan(plan, state, script, { ...around, after: afterCall });

/** A script in which the named activities come to something else than done. */
export const script =
  (exceptions: Readonly<Record<string, Scripted>>) =>
  (activity: string): Scripted =>
    exceptions[activity] ?? done;

export const types = (facts: readonly OrderFact[]): string[] => facts.map(({ type }) => type);
