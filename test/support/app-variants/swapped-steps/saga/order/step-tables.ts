// Variant with a mistake: the first and the third step of version 1 are swapped, so sagas that run on it meet another order
// of steps.
import { orderSteps, type OrderSagaStep } from '../../../../../../src/saga/order/order-saga';

export const STEP_TABLES: Readonly<Record<number, readonly OrderSagaStep[]>> = {
  1: [orderSteps[2], orderSteps[1], orderSteps[0], ...orderSteps.slice(3)].filter(
    (step) => step !== undefined,
  ),
};

export const CURRENT_VERSION = 1;
