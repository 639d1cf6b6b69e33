// Step table of the order saga in which the payment is taken once per part of a split payment. Stands in for
// step-tables.ts in tests of entries.
import { call, orderSteps, type OrderSagaStep } from '../../src/saga/order/order-saga';

export const STEP_TABLES: Readonly<Record<number, readonly OrderSagaStep[]>> = {
  1: orderSteps.map((step) =>
    step.invoke.name === 'ProcessPayment'
      ? {
          ...step,
          each: ({ payments }) => (payments.length > 0 ? payments : null),
          invoke: call('ProcessPayment', ({ totalMinor, currency, payments }, { number }) => {
            const part = number === null ? undefined : payments[number - 1];
            return {
              ...{ amountMinor: part?.amountMinor ?? totalMinor, currency },
              method: part?.method ?? 'card',
            };
          }),
        }
      : step,
  ),
};

export const CURRENT_VERSION = 1;

/** A request whose payment is split into three parts. */
export const inThreeParts = {
  payments: [
    { method: 'giftCard', amountMinor: 5_000 },
    { method: 'card', amountMinor: 9_000 },
    { method: 'card', amountMinor: 993 },
  ],
};
