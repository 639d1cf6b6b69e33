// Variant with version 2 of the order saga: customers are screened between payment and shipment. Version 1 is left as
// it is.
import { orderSteps, RETRY, type OrderSagaStep } from '../../../../../../src/saga/order/order-saga';

const screening: OrderSagaStep = {
  invoke: { name: 'ScreenCustomer', payload: () => ({}) },
  retry: RETRY,
  timeoutMs: 10_000,
  failureCode: 'SCREENING_ERROR',
  failed: (data) => ({ type: 'ShipmentFailed', data }),
};

export const STEP_TABLES: Readonly<Record<number, readonly OrderSagaStep[]>> = {
  1: orderSteps,
  2: [...orderSteps.slice(0, 3), screening, ...orderSteps.slice(3)],
};

export const CURRENT_VERSION = 2;
