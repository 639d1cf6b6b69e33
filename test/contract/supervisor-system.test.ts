import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { startSystem, type RunningSystem as System } from '../../local/supervisor/running-system';
import { until } from '../../local/until';

const ORDER = {
  customerId: 'customer-1',
  items: [{ productId: 'product-1', productName: 'Lamp', quantity: 2, unitPrice: 49.99 }],
};

let system: System;

const placeOrder = (headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${system.urls.api}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(ORDER),
  });

const statusOf = async (location: string): Promise<string> =>
  ((await (await fetch(new URL(location, system.urls.api))).json()) as { status: string }).status;

afterEach(() => system.stop());

describe('npm start', () => {
  test('completes an order, also one whose host is killed on the way', async () => {
    system = await startSystem();
    const placed = await placeOrder();
    expect(placed.status).toBe(202);
    const location = placed.headers.get('location') ?? '';
    await system.kill('host');
    await system.recovered();
    await until('the order is completed', async () => (await statusOf(location)) === 'completed');
    const ledger = await fetch(`${system.urls.services}/control/ledger`);
    expect((await ledger.text()).match(/"charged"/g)).toHaveLength(1);
    expect(await system.stop()).toBe(0);
  });

  test('with --keys asks for the key in keys.json, and it stays the same', async () => {
    system = await startSystem({ args: ['--keys'] });
    expect((await placeOrder()).status).toBe(401);
    const read = async (): Promise<string> => {
      const text = await readFile(path.join(system.dataDir, 'keys.json'), 'utf8');
      return (JSON.parse(text) as { function: string }).function;
    };
    const key = await read();
    expect((await placeOrder({ 'x-functions-key': key })).status).toBe(202);
    await system.restart();
    expect(await read()).toBe(key);
    expect((await placeOrder({ 'x-functions-key': key })).status).toBe(202);
  });
});
