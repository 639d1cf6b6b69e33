// A bulk operation whose host is killed in the middle of it: every order is acted on exactly once, and none that came later.
import { createSystemClient, isEnded, poll, type SystemClient } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';

const TOKEN = 'an-operator-of-this-test';
const ITEMS = [{ productId: 'lamp', productName: 'Desk lamp', quantity: 1, unitPrice: 200_000 }];
const ORDERS = 30;

interface Bulk {
  readonly id: string;
  readonly state: string;
  readonly cutOff: string;
  readonly matched: number;
  readonly done: number;
  readonly refused: number;
  readonly failed: number;
  readonly remaining: number | null;
}

let system: RunningSystem;
let client: SystemClient;
let held: readonly string[];
beforeAll(async () => {
  system = await startSystem({ settings: { 'OrderProcessing:OperatorToken': TOKEN } });
  client = createSystemClient(system.urls);
  held = await placeHeld('before', ORDERS);
});
afterAll(() => system.stop());

/** Above the limit: charged, and waiting for an approver, so that a cancel has a charge to give back. */
async function placeHeld(customerId: string, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, async (_, index) => {
    const { id } = await client.place({ customerId: `${customerId}-${index % 5}`, items: ITEMS });
    await poll(
      () => client.order(id),
      ({ status }) => status === 'awaitingApproval',
    );
    return id;
  });
  return Promise.all(ids);
}

const effects = async (id: string): Promise<string[]> =>
  (await client.ledger(id)).map(({ effect }) => effect).filter((effect) => effect !== 'notified');

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${system.urls.api}/api/ops/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

test('a bulk cancel survives SIGKILL: each order undone once, none twice, none that came after the cut-off', async () => {
  const asked = { act: 'cancel', filter: { show: 'inFlight' }, reason: 'the product was recalled' };
  const { cutOff } = await poll(
    () => ask<Bulk>('bulk', { ...asked, dryRun: true }),
    ({ matched }) => matched === ORDERS,
  );
  const [later = ''] = await placeHeld('later', 1);

  const { id } = await ask<Bulk>('bulk', { ...asked, cutOff });
  await poll(
    () => ask<Bulk>(`bulk/${id}`),
    ({ done }) => done > 0,
  );
  await system.kill('host');
  await system.recovered();
  const ended = await poll(
    () => ask<Bulk>(`bulk/${id}`),
    ({ state }) => state === 'completed',
  );
  expect(ended).toMatchObject({ matched: ORDERS, done: ORDERS, refused: 0, failed: 0, remaining: 0 });

  for (const orderId of held) {
    await poll(() => client.order(orderId), isEnded);
    expect(await effects(orderId)).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
    const cancels = (await client.events(orderId)).filter(({ type }) => type === 'CancelRequested');
    expect(cancels).toHaveLength(1);
  }
  expect(isEnded(await client.order(later))).toBe(false);
  expect(await effects(later)).toEqual(['stockReserved', 'charged']);

  const acts = await ask<{ action: string; subject: string; actor: string }[]>('acts?limit=100');
  const own = acts.filter(({ subject }) => subject === `bulk:${id}`).map(({ action }) => action);
  expect(own.sort()).toEqual(['bulk cancel completed', 'start bulk cancel']);
});
