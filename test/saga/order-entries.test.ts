// An order whose payment is taken once per part: what its stream, its document and the services hold, entry by entry.
import { cleanUp } from 'azure-local/testing/durable-harness';
import { refundMoney } from '../../src/activities/free-payment';
import { transactionIds } from '../../src/domain/payments';
import type { OrderFact } from '../../src/domain/order-events';
import { toSagaView } from '../../src/queries/order-view';
import { createFakeServices } from '../support/fake-services';
import { facts, inThreeParts, orderOf, ORDER_ID, started } from '../support/orders';
import { openSaga, registerSaga, type SagaHarness } from '../support/saga-harness';

beforeAll(registerSaga);
afterEach(cleanUp);

/** The effects of the payment service, each with its key less the id of the order. */
const paymentsOf = ({ services }: SagaHarness, orderId: string): string[] =>
  services.ledger
    .filter(({ effect }) => effect === 'charged' || effect === 'refunded')
    .map(({ effect, key }) => `${effect}${key.slice(orderId.length)}`);

describe('S14: an order whose payment has three parts', () => {
  test('charges each part under its own key and records each by itself', async () => {
    const saga = await openSaga();
    const { order, events, result } = await saga.finish(await saga.place(inThreeParts));
    expect(paymentsOf(saga, order.orderId)).toEqual([
      ...['charged:ProcessPayment:1', 'charged:ProcessPayment:2', 'charged:ProcessPayment:3'],
    ]);
    const steps = ['ReserveInventory', 'ProcessPayment:1', 'ProcessPayment:2', 'ProcessPayment:3'];
    const all = [...steps, 'CreateShipment', 'ConfirmInventory'];
    expect(order.saga).toMatchObject({ completedSteps: all, currentStep: null });
    expect(transactionIds(order.payments)).toHaveLength(3);
    expect(result.completedSteps).toEqual(all);
    const payments = events.filter(({ type }) => type === 'PaymentProcessed');
    expect(payments.map(({ key }) => key)).toEqual(steps.slice(1).map((step) => `${order.orderId}:${step}`));
    expect(payments.map(({ data }) => data)).toMatchObject([
      { step: 'ProcessPayment:1', nextStep: 'ProcessPayment:2', amountMinor: 5_000 },
      { step: 'ProcessPayment:2', nextStep: 'ProcessPayment:3', amountMinor: 9_000 },
      { step: 'ProcessPayment:3', nextStep: 'CreateShipment', amountMinor: 993 },
    ]);
  });

  test('refunds the part before a declined one, and never charges the one after it', async () => {
    const saga = await openSaga();
    let charges = 0;
    saga.services.around = (moment, operation) => {
      if (moment === 'before' && operation === 'charge' && ++charges === 2)
        saga.services.faults.charge = ['refuse'];
      return Promise.resolve();
    };
    const { order, effects, status } = await saga.finish(await saga.place(inThreeParts));
    expect(charges).toBe(2);
    expect(paymentsOf(saga, order.orderId)).toEqual([
      ...['charged:ProcessPayment:1', 'refunded:ProcessPayment:1'],
    ]);
    expect(effects).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
    expect(toSagaView(order, undefined)).toMatchObject({
      completedSteps: ['ReserveInventory', 'ProcessPayment:1'],
      compensatedSteps: ['ProcessPayment:1', 'ReserveInventory'],
      failedStep: 'ProcessPayment:2',
      attempts: { 'ProcessPayment:1': 1, 'ProcessPayment:2': 1, 'RefundPayment:1': 1 },
    });
    expect(status.output).toMatchObject({ success: false, failureCode: 'PAYMENT_FAILED' });
  });

  test('has the attempts and the last error of each part in its stream and in its document', async () => {
    const saga = await openSaga();
    saga.services.faults.charge = ['error', 'error'];
    const { order, events } = await saga.finish(await saga.place(inThreeParts));
    expect(order.saga.attempts).toMatchObject({
      ...{ 'ProcessPayment:1': 3, 'ProcessPayment:2': 1, 'ProcessPayment:3': 1 },
    });
    expect(order.saga.lastErrors).toEqual({
      'ProcessPayment:1': { code: 'FAULT', message: expect.any(String) as string },
    });
    expect(events.filter(({ type }) => type === 'PaymentProcessed').map(({ data }) => data)).toMatchObject([
      { attempts: 3, lastError: { code: 'FAULT' } },
      { attempts: 1, lastError: null },
      { attempts: 1, lastError: null },
    ]);
  });

  test('S4: names the charge of the very part whose refund failed', async () => {
    const saga = await openSaga();
    saga.services.faults.ship = ['refuse'];
    let refunds = 0;
    saga.services.around = (moment, operation) => {
      if (moment === 'before' && operation === 'refund' && ++refunds === 3)
        saga.services.faults.refund = ['refuse'];
      return Promise.resolve();
    };
    const { order, events } = await saga.finish(await saga.place(inThreeParts));
    expect(paymentsOf(saga, order.orderId).slice(3)).toEqual([
      ...['refunded:ProcessPayment:3', 'refunded:ProcessPayment:2'],
    ]);
    const [first] = transactionIds(order.payments);
    expect(events.find(({ type }) => type === 'CompensationFailed')?.data).toMatchObject({
      ...{ step: 'RefundPayment:1', undoes: 'ProcessPayment:1', transactionId: first },
    });
    const alarm = saga.lines.find(({ event }) => event === 'manual intervention required');
    expect(alarm?.fields).toMatchObject({ step: 'RefundPayment:1', transactionId: first });
    expect(order.saga.compensatedSteps).toEqual([
      ...['ProcessPayment:3', 'ProcessPayment:2', 'ReserveInventory'],
    ]);
  });

  test('gives an amount of 0 back only for the part that the order has as done', async () => {
    const first = { ...facts.paymentProcessed.data, step: 'ProcessPayment:1', amountMinor: 0 };
    const request = { totalMinor: 0, payments: inThreeParts.payments };
    const paid: OrderFact = { type: 'PaymentProcessed', data: first };
    const order = orderOf(request, started, facts.stockReserved, paid);
    const { payment } = createFakeServices();
    const found = async (entry: string) => {
      const chargeKey = `${ORDER_ID}:${entry}`;
      const call = { key: chargeKey, ...order, timeoutMs: 1_000 };
      return refundMoney(payment, call, { chargeKey, entry }, order);
    };
    expect(await found('ProcessPayment:1')).toEqual({ kind: 'done', value: { found: 'undone' } });
    expect(await found('ProcessPayment:2')).toEqual({ kind: 'done', value: { found: 'closed' } });
  });

  test('keeps the names and keys of before for an order without parts', async () => {
    const saga = await openSaga();
    const { order } = await saga.finish(await saga.place());
    expect(paymentsOf(saga, order.orderId)).toEqual(['charged:ProcessPayment']);
    expect(order.saga.completedSteps[1]).toBe('ProcessPayment');
  });
});
