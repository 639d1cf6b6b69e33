// What an operator may do to a saga, and what it leaves on the order.
import { anyTraceId } from '../../support/log-lines';
import { openStream } from '../../../src/events/order-stream';
import { controlSaga, type Controlled, type SagaAction } from '../../../src/operations/control-saga';
import { happened, openCommandPorts, placed, reconcile } from '../../support/command-ports';
import { SCOPE, facts } from '../../support/orders';

type App = ReturnType<typeof openCommandPorts>;

const control = (app: App, orderId: string, action: SagaAction): Promise<Controlled> =>
  controlSaga(app.ports, { scope: SCOPE, orderId, action, operator: 'operator:ann', reason: 'a recall' });

const wrongStatus = (status: string): object => ({
  kind: 'refused',
  refusal: { code: 'SAGA_WRONG_STATUS', why: `the saga's status is ${status}` },
});

test('a terminated saga leaves its order marked for an operator, saying that nothing was compensated', async () => {
  const app = openCommandPorts();
  const orderId = await placed(app);
  expect(await control(app, orderId, 'terminate')).toEqual({ kind: 'accepted' });
  expect(app.calls).toEqual(['start', 'terminate']);
  const stored = await app.orders.read(SCOPE, orderId);
  expect(stored?.order).toMatchObject({ ended: false, saga: { needsIntervention: true } });
  const [last] = (await app.orders.eventsAfter(SCOPE, orderId, 0)).slice(-1);
  expect(last).toMatchObject({ type: 'InterventionOpened', actor: 'operator:ann' });
  expect((last?.data as { reason: string }).reason).toContain('nothing was compensated');
  expect(app.lines.error).toEqual([
    [
      'manual intervention required',
      {
        orderId,
        correlationId: 'corr-1',
        traceId: anyTraceId(),
        operator: 'operator:ann',
        reason: 'terminated: a recall',
      },
    ],
  ]);
  app.pass(3_600_000);
  expect(await reconcile(app)).toMatchObject({ looked: 0 });
});

test('a terminated saga keeps the attempts and the last error that its order has of the step', async () => {
  const app = openCommandPorts();
  const orderId = await placed(app);
  const lastError = { code: 'AWAY', message: 'away' };
  await happened(app, orderId, facts.stockReserved, {
    type: 'PaymentFailed',
    data: { ...facts.paymentFailed.data, attempts: 3, lastError },
  });
  expect(await control(app, orderId, 'terminate')).toEqual({ kind: 'accepted' });
  expect((await app.orders.eventsAfter(SCOPE, orderId, 0)).at(-1)).toMatchObject({
    type: 'InterventionOpened',
    data: { step: 'ProcessPayment', attempts: 3, lastError },
  });
  expect((await app.orders.read(SCOPE, orderId))?.order.saga).toMatchObject({
    attempts: { ProcessPayment: 3 },
    lastErrors: { ProcessPayment: lastError },
  });
});

test('an order that ended while its saga was terminated needs no operator, and nobody is called', async () => {
  const app = openCommandPorts();
  const orderId = await placed(app);
  const sagas = { ...app.ports.sagas };
  app.ports.sagas.terminate = async (...asked) => {
    const stored = await app.orders.read(SCOPE, orderId);
    if (stored === undefined) throw new Error('not placed');
    await openStream(app.ports, stored).append({ actor: 'saga', key: null, facts: () => [facts.failed] });
    await sagas.terminate(...asked);
  };
  expect(await control(app, orderId, 'terminate')).toEqual({ kind: 'accepted' });
  expect((await app.orders.read(SCOPE, orderId))?.order).toMatchObject({
    ended: true,
    saga: { needsIntervention: false },
  });
  expect(app.errors).toEqual([]);
});

test('a saga is suspended while it runs, resumed while it is suspended, and nothing else', async () => {
  const app = openCommandPorts();
  const orderId = await placed(app);
  expect(await control(app, orderId, 'resume')).toMatchObject(wrongStatus('running'));
  expect(await control(app, orderId, 'suspend')).toEqual({ kind: 'accepted' });
  expect(await control(app, orderId, 'suspend')).toMatchObject(wrongStatus('suspended'));
  expect(await control(app, orderId, 'resume')).toEqual({ kind: 'accepted' });
  expect(app.calls).toEqual(['start', 'suspend', 'resume']);
});

test('S18: a suspended and a resumed saga leave who did it and why in the stream, with what was before and after', async () => {
  const app = openCommandPorts();
  const orderId = await placed(app);
  await control(app, orderId, 'suspend');
  await control(app, orderId, 'resume');
  const told = { intervention: null, by: 'operator:ann', reason: 'a recall' };
  expect(
    (await app.orders.eventsAfter(SCOPE, orderId, 2)).map(({ type, actor, data }) => [type, actor, data]),
  ).toEqual([
    ['OperatorActed', 'operator:ann', { ...told, action: 'suspend', before: 'running', after: 'suspended' }],
    ['OperatorActed', 'operator:ann', { ...told, action: 'resume', before: 'suspended', after: 'running' }],
  ]);
});

test.each(['suspend', 'resume', 'terminate'] as const)(
  '%s of what has ended or is not there says so',
  async (action) => {
    const app = openCommandPorts();
    expect(await control(app, 'nobody', action)).toEqual({ kind: 'notFound' });
    const orderId = await placed(app);
    app.instances.set(orderId, { runtimeStatus: 'completed', output: null });
    expect(await control(app, orderId, action)).toMatchObject(wrongStatus('completed'));
    app.instances.clear();
    expect(await control(app, orderId, action)).toMatchObject(wrongStatus('none'));
    expect(app.calls).toEqual(['start']);
  },
);
