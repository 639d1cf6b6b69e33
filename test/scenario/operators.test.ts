// What operators do on the running system: suspend, resume and terminate sagas, take interventions, pause the intake.
import { isEnded, poll } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { ITEMS, operatorCalls, type OperatorCalls } from '../support/operator-calls';
import { openOrderQueue, orderMessage } from '../support/order-queue';
import { signedInClient, type Answered, type TenantClient } from '../support/tenant-client';

const TOKEN = 'an-operator-of-this-test';

let system: RunningSystem;
let at: OperatorCalls;
beforeAll(async () => {
  system = await startSystem({ settings: { 'OrderProcessing:OperatorToken': TOKEN } });
  at = operatorCalls(system, TOKEN);
});
afterAll(() => system.stop());

test('a suspended saga makes no call until it is resumed, and then completes', async () => {
  const id = await at.heldAtPayment('suspended');
  const answer = await at.control(id, 'suspend');
  expect([answer.status, answer.headers.get('location')]).toEqual([202, `/api/orders/${id}/saga`]);
  await poll(at.instances, (found) => found.get(id) === 'Suspended');
  expect(await at.effects(id)).toEqual(['stockReserved']);
  expect((await at.control(id, 'resume')).status).toBe(202);
  await poll(() => at.client.order(id), isEnded);
  expect((await at.effects(id)).slice(0, 4)).toEqual([
    'stockReserved',
    'charged',
    'shipmentCreated',
    'stockConfirmed',
  ]);
});

test('a terminated saga is Terminated, nothing is undone, and the answer offers cancel instead', async () => {
  const id = await at.heldAtPayment('terminated');
  const answer = await at.control(id, 'terminate');
  expect(answer.status).toBe(202);
  expect(((await answer.json()) as { meaning: string }).meaning).toMatch(/nothing was compensated.*cancel/s);
  await poll(at.instances, (found) => found.get(id) === 'Terminated');
  expect(await at.client.order(id)).toMatchObject({ needsIntervention: true });
  expect(await at.effects(id)).toEqual(['stockReserved']);
  const again = await at.control(id, 'terminate');
  expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([409, 'SAGA_WRONG_STATUS']);
});

/** An operator who is signed in by name. */
const operator = (name: string): TenantClient =>
  signedInClient(system, { tenant_id: 'default', name, roles: ['operator'] });
const because = { reason: 'because of a test' };

test('CompensationFailed: two operators claim it, one wins; it is tried again once, and then the money is back', async () => {
  const customerId = 'noship-and-no-refund';
  await at.client.planFaults([
    { service: 'payments', operation: 'refund', customerId, fault: 'refuse', times: 1 },
  ]);
  const { id } = await at.client.place({ customerId, items: ITEMS });
  await poll(() => at.client.order(id), isEnded);
  const [ann, bob] = [operator('ann'), operator('bob')];
  const listed = async (): Promise<Record<string, unknown> | undefined> => {
    const { text } = await ann.get('ops/interventions');
    return (JSON.parse(text) as Record<string, unknown>[]).find(({ orderId }) => orderId === id);
  };
  const intervention = await poll(listed, (found) => found !== undefined);
  expect(intervention).toMatchObject({
    step: 'RefundPayment',
    undoes: 'ProcessPayment',
    amount: 49.99,
    claimedBy: null,
  });
  const act = (who: TenantClient, action: string): Promise<Answered> =>
    who.post(`ops/interventions/${id}.1/${action}`, because);
  const [first, second] = await Promise.all([act(ann, 'claim'), act(bob, 'claim')]);
  const [holder, loser] = first.status === 200 ? [ann, second] : [bob, first];
  const name = holder === ann ? 'operator:ann' : 'operator:bob';
  expect([loser.status, loser.json['code'], loser.json['detail']]).toEqual([
    409,
    'INTERVENTION_CLAIMED',
    expect.stringContaining(name),
  ]);
  expect(await at.effects(id)).not.toContain('refunded');
  const retried = await act(holder, 'retry');
  expect([retried.status, retried.json['resolvedHow']]).toEqual([200, 'undone']);
  expect((await act(holder, 'retry')).json['code']).toBe('INTERVENTION_CLOSED');
  expect((await at.effects(id)).filter((effect) => effect === 'refunded')).toHaveLength(1);
  await poll(listed, (found) => found === undefined);
  expect(await at.client.order(id)).toMatchObject({ needsIntervention: false });
});

test('a paused intake answers 503 with Retry-After, keeps the messages, and takes them once it is resumed', async () => {
  const queue = openOrderQueue(system.urls.servicebus);
  const waiting = await at.heldAtPayment('goes-on');
  const ann = operator('ann');
  expect((await ann.post('ops/intake/pause', because)).json).toMatchObject({
    paused: true,
    by: 'operator:ann',
  });
  expect((await operator('bob').post('ops/intake/pause', because)).json).toMatchObject({
    ...{ status: 409, code: 'INTAKE_WRONG_STATE', detail: expect.stringContaining('operator:ann') as string },
  });
  const body = { customerId: 'patient', items: ITEMS };
  const refused = await poll(
    () => ann.post('orders', { ...body, customerId: 'refused' }),
    ({ status }) => status === 503,
  );
  expect([refused.json['code'], refused.headers.get('retry-after')]).toEqual(['INTAKE_PAUSED', '30']);
  await queue.send(orderMessage('waits-1', body), orderMessage('waits-2', body));
  // Put off under their ids and keys, as copies that become visible later.
  const keys = async (): Promise<unknown[]> =>
    (await queue.active())
      .filter(({ applicationProperties: of }) => of?.['originalMessageId'] === of?.['idempotencyKey'])
      .map(({ applicationProperties }) => applicationProperties?.['idempotencyKey'])
      .sort();
  await poll(keys, (found) => found.join() === 'waits-1,waits-2');
  expect(await poll(() => at.client.order(waiting), isEnded)).toMatchObject({ status: 'completed' });
  expect((await ann.post('ops/intake/resume', because)).status).toBe(200);
  const taken = async (): Promise<{ status: string }[]> =>
    JSON.parse((await ann.get('orders/customer/patient')).text) as { status: string }[];
  await poll(taken, (found) => found.map(({ status }) => status).join() === 'completed,completed');
  expect(await queue.deadLetters()).toEqual([]);
  await queue.close();
  const { text } = await ann.get('ops/acts');
  const acts = (JSON.parse(text) as { action: string; actor: string; before: string; after: string }[])
    .filter(({ action }) => action.endsWith('intake'))
    .map(({ action, actor, before, after }) => [action, actor, before, after]);
  expect(acts).toContainEqual(['pause intake', 'operator:ann', 'open', 'paused']);
  expect(acts).toContainEqual(['resume intake', 'operator:ann', 'paused', 'open']);
});

test('only operators control sagas; a reason and an order are asked for', async () => {
  const id = '00000000-0000-4000-8000-000000000000';
  expect((await at.post(`/api/ops/orders/${id}/terminate`, {}, 'a guess')).status).toBe(401);
  expect((await at.control(id, 'terminate', {})).status).toBe(400);
  expect((await at.control(id, 'terminate', { reason: 'half \ud83d' })).status).toBe(400);
  expect((await at.control(id, 'terminate')).status).toBe(404);
});
