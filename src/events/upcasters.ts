// Upcasters from an event's payload of one version to the next. Pure: stored events stay as written, and every reader gets
// the newest version.
import type { Failure, OrderEventType, OrderFailed } from '../domain/order-events';

/** Takes a payload that its version's schema has let through. */
export type Upcast = (data: never) => unknown;

/** By type: the first takes version 1 to 2, the next 2 to 3. Every version but the newest has one. */
export const UPCASTERS: Partial<Record<OrderEventType, readonly Upcast[]>> = {
  OrderFailed: [withFailedStep],
};

const STEP_OF_CODE: ReadonlyMap<string, string> = new Map([
  ['INVENTORY_ERROR', 'ReserveInventory'],
  ['PAYMENT_FAILED', 'ProcessPayment'],
  ['SHIPPING_ERROR', 'CreateShipment'],
]);

/** OrderFailed 1 → 2: the step was in the code or, for a step that ran out of time, in the detail code. */
export function withFailedStep(failure: Failure): OrderFailed {
  const { code, detailCode } = failure;
  return {
    ...failure,
    failedStep: code === 'STEP_TIMED_OUT' ? detailCode : (STEP_OF_CODE.get(code) ?? null),
  };
}
