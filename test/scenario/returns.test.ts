// Returns over HTTP on a running system that is killed in mid-refund and started again: what is given back and put back on the
// shelf is in the ledger once.
import {
  createSystemClient,
  DEMO_OPERATOR_TOKEN,
  isEnded,
  poll,
  type SystemClient,
} from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';

const LAMPS = { productId: 'prod-001', quantity: 2 };
const BODY = {
  customerId: 'returning',
  items: [{ ...LAMPS, productName: 'Desk lamp', unitPrice: 49.99 }],
};

let system: RunningSystem;
let client: SystemClient;
const orders = (): string => `${system.urls.api}/api/orders`;

beforeAll(async () => {
  system = await startSystem({ settings: { 'OrderProcessing:OperatorToken': DEMO_OPERATOR_TOKEN } });
  client = createSystemClient(system.urls);
});
afterAll(() => system.stop());

async function completed(): Promise<string> {
  const { id } = await client.place(BODY);
  await poll(() => client.order(id), isEnded);
  return id;
}

async function authorised(id: string): Promise<number> {
  const { number } = await client.requestReturn(id, [LAMPS]);
  await reaches(id, number, 'authorised');
  return number;
}

const reaches = (id: string, number: number, wanted: string): Promise<unknown> =>
  poll(
    () => client.orderReturn(id, number),
    ({ status }) => status === wanted,
  );

async function send(path: string, body?: object, headers: Record<string, string> = {}) {
  const answer = await fetch(`${orders()}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test('S16: a refund whose host is killed in the middle of it is given back once', async () => {
  // It acts, and its answer never comes.
  await client.planFaults([{ service: 'payments', operation: 'refundPart', fault: 'holdAnswer' }]);
  const id = await completed();
  const number = await authorised(id);
  await client.changeReturn(id, number, 'received');
  await client.changeReturn(id, number, 'inspection', {
    items: [{ productId: 'prod-001', accepted: 2, damaged: 1 }],
  });
  await poll(
    async () => client.ledger(id),
    (lines) => lines.some(({ effect }) => effect === 'refunded'),
  );
  await system.kill('all');
  await system.restart();
  client = createSystemClient(system.urls);
  await client.planFaults([]);
  await reaches(id, number, 'closed');
  const lines = (await client.ledger(id)).filter(({ effect }) => /refunded|restocked/.test(effect));
  expect(lines.map(({ effect, amount }) => [effect, amount])).toEqual([
    ['refunded', 9_998],
    ['restocked', undefined],
  ]);
});

test('what cannot be returned is refused with its reason, and leaves nothing behind', async () => {
  const id = await completed();
  const more = { items: [{ ...LAMPS, quantity: 3 }], reason: 'x' };
  expect(await send(`${id}/returns`, more)).toMatchObject({
    status: 422,
    body: { code: 'RETURN_EXCEEDS_ORDER', errors: [{ path: 'items[0].quantity' }] },
  });
  const other = { items: [{ productId: 'other', quantity: 1 }], reason: 'x' };
  expect(await send(`${id}/returns`, other)).toMatchObject({ status: 422 });
  expect(await send(`${id}/returns/1/cancel`)).toMatchObject({ status: 404 });
  expect(await client.order(id)).not.toHaveProperty('returns');
});

test('one key makes one return, and another body under it is refused', async () => {
  const id = await completed();
  const body = { items: [{ ...LAMPS, quantity: 1 }], reason: 'x' };
  const key = { 'idempotency-key': 'k-1' };
  const [first, second] = [await send(`${id}/returns`, body, key), await send(`${id}/returns`, body, key)];
  expect([first.status, second.status]).toEqual([202, 202]);
  expect([first.body['number'], second.body['number']]).toEqual([1, 1]);
  const another = await send(`${id}/returns`, { ...body, reason: 'y' }, key);
  expect(another).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  expect(await client.order(id)).toMatchObject({ returns: [{ number: 1 }] });
});
