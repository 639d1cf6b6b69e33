// Variant with a mistake: the step that version 2 inserts (see inserted-step) is put into version 1.
import { STEP_TABLES as WITH_VERSION_2 } from '../../../inserted-step/saga/order/step-tables';
import type { OrderSagaStep } from '../../../../../../src/saga/order/order-saga';

export const STEP_TABLES: Readonly<Record<number, readonly OrderSagaStep[]>> = {
  1: WITH_VERSION_2[2] ?? [],
};

export const CURRENT_VERSION = 1;
