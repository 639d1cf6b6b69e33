// Orders that make no progress: the reason that can be seen, and the repair of one.
import { stuckReason, repairNow, type StuckReason } from '../../../src/operations/stuck-orders';
import type { SagaInstance } from '../../../src/ports/saga-control';
import { openCommandPorts, placed } from '../../support/command-ports';
import { facts, orderAfter, SCOPE, started } from '../../support/orders';

const live = (more: Partial<SagaInstance> = {}): SagaInstance => ({
  ...{ runtimeStatus: 'running', customStatus: 'ProcessPayment', output: null },
  ...more,
});
const untouched = orderAfter(started);
const charged = orderAfter(started, facts.stockReserved, facts.paymentProcessed);

test.each<[StuckReason, ReturnType<typeof orderAfter>, SagaInstance | undefined | 'unasked']>([
  ['hubAway', charged, 'unasked'],
  ['notStarted', untouched, undefined],
  ['instanceMissing', charged, undefined],
  ['instanceEnded', charged, live({ runtimeStatus: 'failed' })],
  ['suspended', charged, live({ runtimeStatus: 'suspended' })],
  ['cancelNotHeard', orderAfter(started, facts.stockReserved, facts.cancelRequested), live()],
  ['stepUnderWay', charged, live()],
])('%s is told as the reason', (reason, order, saga) => {
  expect(stuckReason(order, saga).reason).toBe(reason);
});

test('the detail names the step that its instance has reached', () => {
  expect(stuckReason(charged, live()).detail).toMatch(/^ProcessPayment is called, or waits/);
});

test('a repair starts a saga that is missing, once, and is on record', async () => {
  const app = openCommandPorts();
  app.hub.away = true;
  const orderId = await placed(app);
  app.hub.away = false;
  app.calls.length = 0;
  const request = { scope: SCOPE, orderId, operator: 'operator:ann', reason: 'it hangs' };
  expect(await repairNow(app.ports, request)).toMatchObject({ kind: 'done', result: 'started' });
  expect(await repairNow(app.ports, request)).toMatchObject({ kind: 'done', result: 'nothing' });
  expect(app.calls).toEqual(['start']);
  expect((await app.orders.eventsAfter(SCOPE, orderId, 2))[0]).toMatchObject({
    ...{ type: 'OperatorActed', actor: 'operator:ann' },
    data: { action: 'repair', by: 'operator:ann', reason: 'it hangs' },
  });
});
