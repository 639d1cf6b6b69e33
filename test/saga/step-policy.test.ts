// Retries and time-outs as settings have them: what a saga observes, and that a running one keeps what it began with.
import { cleanUp } from 'azure-local/testing/durable-harness';
import { orderSaga } from '../../src/saga/order/order-saga-versions';
import type { StepPolicy } from '../../src/saga/order/step-policy';
import { openSaga, registerSaga, sagaOn } from '../support/saga-harness';

beforeAll(registerSaga);
afterEach(cleanUp);

const retry = { maxAttempts: 5, firstDelayMs: 100, factor: 3, maxDelayMs: 1_000 };
const stepPolicy: StepPolicy = { retry, forwardMaxAttempts: 2, timeoutsMs: { ProcessPayment: 1_500 } };

test('a step is called as often, and after such pauses, as the settings say', async () => {
  const saga = await openSaga({ stepPolicy });
  saga.services.faults.charge = Array.from({ length: 5 }, () => 'error' as const);
  const startedMs = saga.clock.now();
  const { order, result } = await saga.finish(await saga.place());
  expect(order.saga.attempts['ProcessPayment']).toBe(5);
  expect(result.failureCode).toBe('PAYMENT_FAILED');
  expect(saga.clock.now() - startedMs).toBe(100 + 300 + 900 + 1_000);
});

test('S9: after the shipment a step has the attempts of its own setting', async () => {
  const saga = await openSaga({ stepPolicy });
  saga.services.faults.confirm = ['error'];
  saga.services.forever.add('confirm');
  const { order } = await saga.finish(await saga.place());
  expect(order.saga.attempts['ConfirmInventory']).toBe(2);
  expect(order.saga.needsIntervention).toBe(true);
});

test('a call ends at the time-out of the settings', async () => {
  const saga = await openSaga({ stepPolicy });
  saga.services.faults.charge = ['hang'];
  const startedMs = saga.clock.now();
  const { result } = await saga.finish(await saga.place());
  expect(result.failureCode).toBe('STEP_TIMED_OUT');
  expect(saga.clock.now() - startedMs).toBe(1_500);
});

test('S12: a saga that runs keeps the policy that it began with, on a host that has another', async () => {
  const saga = await openSaga({ stepPolicy });
  saga.services.faults.charge = Array.from({ length: 4 }, () => 'error' as const);
  const orderId = await saga.place();
  await saga.settled(orderId);
  const other = { ...stepPolicy, retry: { ...retry, maxAttempts: 1 } };
  const later = sagaOn(saga, saga, { stepPolicy: other });
  const { order } = await later.finish(orderId);
  expect(order).toMatchObject({ status: 'completed', saga: { attempts: { ProcessPayment: 5 } } });
});

test('a compensation has the delays of the settings, and the attempts of its own', () => {
  expect(orderSaga(1, 4, stepPolicy).compensationRetry).toEqual({ ...retry, maxAttempts: 4 });
});
