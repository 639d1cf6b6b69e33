// What operators do with an intervention: one of two wins, a retry happens once, and everything is in the stream.
import type { OrderHead } from '../../../src/domain/order';
import { compensateOrder } from '../../../src/operations/compensate-order';
import { controlSaga } from '../../../src/operations/control-saga';
import {
  claimIntervention,
  releaseIntervention,
  resolveIntervention,
  retryIntervention,
  type Acted,
  type InterventionRequest,
} from '../../../src/operations/interventions';
import {
  done,
  effectsOf,
  happened,
  openCommandPorts as open,
  placed,
  reconcile,
} from '../../support/command-ports';
import { SCOPE, facts } from '../../support/orders';

type App = ReturnType<typeof open>;
type Act = (ports: App['ports'], request: InterventionRequest) => Promise<Acted>;

const ANN = 'operator:ann';
const BOB = 'operator:bob';

/** A charged order that failed and whose refund was refused: it has ended, and needs a person. */
async function withFailedRefund(app: App): Promise<string> {
  const orderId = await placed(app);
  await happened(app, orderId, facts.stockReserved, facts.paymentProcessed);
  await done(app, orderId, 'ProcessPayment');
  app.instances.clear();
  app.services.faults.refund = ['refuse'];
  await compensateOrder(app.ports, { scope: SCOPE, orderId, operator: ANN, reason: 'its saga is lost' });
  return orderId;
}

/** A charged order whose saga an operator has terminated. */
async function terminated(app: App): Promise<string> {
  const orderId = await placed(app);
  await happened(app, orderId, facts.stockReserved, facts.paymentProcessed);
  await done(app, orderId, 'ProcessPayment');
  await controlSaga(app.ports, {
    scope: SCOPE,
    orderId,
    action: 'terminate',
    operator: ANN,
    reason: 'it hangs',
  });
  return orderId;
}

const by =
  (app: App, orderId: string) =>
  (act: Act, operator: string, reason = 'because', number = 1): Promise<Acted> =>
    act(app.ports, { scope: SCOPE, orderId, number, operator, reason });
const orderOf = async (app: App, orderId: string): Promise<OrderHead> => {
  const stored = await app.orders.read(SCOPE, orderId);
  if (stored === undefined) throw new Error('not placed');
  return stored.order;
};
const lastEvents = async (app: App, orderId: string, count: number): Promise<unknown[]> =>
  (await app.orders.eventsAfter(SCOPE, orderId, 0))
    .slice(-count)
    .map(({ type, actor, data }) => ({ type, actor, data }));

test('S4: a refund that failed is one open intervention, which says what failed and why', async () => {
  const app = open();
  const { saga } = await orderOf(app, await withFailedRefund(app));
  expect(saga.needsIntervention).toBe(true);
  expect(saga.interventions).toMatchObject([
    {
      ...{ number: 1, kind: 'compensation', step: 'RefundPayment', undoes: 'ProcessPayment', attempts: 1 },
      ...{ code: 'COMPENSATION_FAILED', claim: null, resolution: null },
    },
  ]);
});

test('S2: a retry refunds once, however often and by however many it is asked for', async () => {
  const app = open();
  const orderId = await withFailedRefund(app);
  const act = by(app, orderId);
  const answers = await Promise.all([
    act(retryIntervention, ANN),
    act(retryIntervention, ANN),
    act(retryIntervention, BOB),
  ]);
  expect(answers.map(({ kind }) => kind).sort()).toEqual(['accepted', 'accepted', 'refused']);
  expect(effectsOf(app, orderId).filter((effect) => effect === 'refunded')).toHaveLength(1);
  const order = await orderOf(app, orderId);
  expect(order.saga).toMatchObject({
    needsIntervention: false,
    interventions: [{ claim: { by: ANN }, resolution: { how: 'undone', by: 'saga' } }],
  });
});

test('S18: a retry is in the stream with who, why, before and after, and its end is an event of its own', async () => {
  const app = open();
  const orderId = await withFailedRefund(app);
  await by(app, orderId)(retryIntervention, ANN, 'the payment service is well again');
  expect(await lastEvents(app, orderId, 3)).toMatchObject([
    {
      type: 'OperatorActed',
      actor: ANN,
      data: { action: 'retry', intervention: 1, by: ANN, reason: 'the payment service is well again' },
    },
    { type: 'PaymentRefunded', actor: 'saga' },
    { type: 'InterventionResolved', data: { intervention: 1, how: 'undone', stillOpen: 0 } },
  ]);
});

test('a retry that fails again stays the same intervention, with one more attempt and who has claimed it', async () => {
  const app = open();
  const orderId = await withFailedRefund(app);
  app.services.faults.refund = ['refuse'];
  expect((await by(app, orderId)(retryIntervention, ANN)).kind).toBe('accepted');
  const { saga } = await orderOf(app, orderId);
  expect(saga.interventions).toMatchObject([
    { number: 1, attempts: 2, claim: { by: ANN }, resolution: null },
  ]);
  expect(await lastEvents(app, orderId, 1)).toMatchObject([{ type: 'CompensationFailed', actor: ANN }]);
});

test('of two operators who claim at the same moment one wins, and the other is told who', async () => {
  const app = open();
  const orderId = await withFailedRefund(app);
  const act = by(app, orderId);
  const both = await Promise.all([act(claimIntervention, ANN), act(claimIntervention, BOB)]);
  const holder = (await orderOf(app, orderId)).saga.interventions?.[0]?.claim?.by;
  expect(both.map(({ kind }) => kind).sort()).toEqual(['accepted', 'refused']);
  expect(both.find(({ kind }) => kind === 'refused')).toMatchObject({
    refusal: { code: 'INTERVENTION_CLAIMED', why: expect.stringContaining(holder ?? 'nobody') as string },
  });
});

test('what another has claimed is neither tried again nor resolved until it is released', async () => {
  const app = open();
  const orderId = await withFailedRefund(app);
  const act = by(app, orderId);
  await act(claimIntervention, ANN);
  for (const command of [claimIntervention, retryIntervention, resolveIntervention])
    expect(await act(command, BOB)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'INTERVENTION_CLAIMED' },
    });
  expect((await act(releaseIntervention, BOB, 'ann is on holiday')).kind).toBe('accepted');
  expect(await lastEvents(app, orderId, 1)).toMatchObject([
    { type: 'OperatorActed', data: { action: 'release', by: BOB, before: ANN, after: null } },
  ]);
  expect((await act(retryIntervention, BOB)).kind).toBe('accepted');
});

test('a note closes an intervention for good: nothing is refunded, and a second note is told of the first', async () => {
  const app = open();
  const orderId = await withFailedRefund(app);
  const act = by(app, orderId);
  expect((await act(resolveIntervention, ANN, 'paid back by bank transfer')).kind).toBe('accepted');
  expect((await orderOf(app, orderId)).saga).toMatchObject({
    needsIntervention: false,
    interventions: [{ resolution: { how: 'note', by: ANN, note: 'paid back by bank transfer' } }],
  });
  for (const command of [claimIntervention, retryIntervention, resolveIntervention])
    expect(await act(command, BOB)).toMatchObject({
      refusal: { code: 'INTERVENTION_CLOSED', why: expect.stringContaining(ANN) as string },
    });
  expect(effectsOf(app, orderId)).not.toContain('refunded');
});

test('what a termination left is not resolved by a note but by compensating, which resolves it', async () => {
  const app = open();
  const orderId = await terminated(app);
  const act = by(app, orderId);
  expect(await act(resolveIntervention, ANN)).toMatchObject({
    refusal: { code: 'INTERVENTION_WRONG_KIND', why: expect.stringContaining('compensate it') as string },
  });
  await compensateOrder(app.ports, { scope: SCOPE, orderId, operator: ANN, reason: 'give it back' });
  expect(effectsOf(app, orderId)).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
  expect((await orderOf(app, orderId)).saga).toMatchObject({
    needsIntervention: false,
    interventions: [{ kind: 'saga', resolution: { how: 'ended' } }],
  });
});

test('S9: a step past the pivot that was given up goes on when it is tried again', async () => {
  const app = open();
  const orderId = await placed(app);
  await done(app, orderId, 'CreateShipment');
  const { step, attempts, lastError } = { step: 'ConfirmInventory', attempts: 8, lastError: null };
  const data = { step, attempts, lastError, code: 'INVENTORY_ERROR', detailCode: 'AWAY', reason: 'away' };
  await happened(app, orderId, facts.stockReserved, facts.paymentProcessed, facts.shipmentCreated, {
    type: 'InterventionOpened',
    data,
  });
  app.instances.set(orderId, { runtimeStatus: 'completed', output: null });
  expect((await by(app, orderId)(retryIntervention, ANN)).kind).toBe('accepted');
  expect(await orderOf(app, orderId)).toMatchObject({
    status: 'completed',
    saga: { needsIntervention: false, interventions: [{ kind: 'step', resolution: { how: 'ended' } }] },
  });
});

test('an order whose last intervention is resolved with a note is the reconciler’s again', async () => {
  const app = open();
  const orderId = await placed(app);
  await done(app, orderId, 'CreateShipment');
  const data = { step: 'ConfirmInventory', attempts: 8, lastError: null };
  await happened(app, orderId, facts.stockReserved, facts.paymentProcessed, facts.shipmentCreated, {
    type: 'InterventionOpened',
    data: { ...data, code: 'INVENTORY_ERROR', detailCode: 'AWAY', reason: 'away' },
  });
  app.instances.set(orderId, { runtimeStatus: 'completed', output: null });
  app.pass(60_000);
  expect(await reconcile(app)).toMatchObject({ looked: 0 });
  await by(app, orderId)(resolveIntervention, ANN, 'the stock was counted');
  app.pass(60_000);
  expect(await reconcile(app)).toMatchObject({ repaired: 1 });
  expect((await orderOf(app, orderId)).status).toBe('completed');
});

test('S19: there is no intervention of another tenant, nor one with another number', async () => {
  const app = open();
  const orderId = await withFailedRefund(app);
  const request = { orderId, number: 1, operator: ANN, reason: 'because' };
  for (const other of [
    { ...request, scope: { tenantId: 'acme' } },
    { ...request, scope: SCOPE, number: 2 },
  ])
    expect(await claimIntervention(app.ports, other)).toEqual({ kind: 'notFound' });
});
