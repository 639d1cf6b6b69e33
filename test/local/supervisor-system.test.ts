import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { startSystem, type RunningSystem as System } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { openEventGridSink } from '../support/event-grid-sink';

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

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await system.stop();
});

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

  test('sends nothing for this machine through a proxy that its environment names: events leave, and tools reach it', async () => {
    const proxied: string[] = [];
    const proxy = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', (bytes) => {
        proxied.push(bytes.toString('latin1').split('\r\n')[0] ?? '');
        socket.destroy();
      });
    });
    const url = `http://127.0.0.1:${await listenOnLoopback(proxy, 0, 'test', '--port')}`;
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
    const environment = {
      ...Object.fromEntries(names.map((name) => [name, url])),
      // From Node 24 on its own clients read them, too.
      ...{ NODE_USE_ENV_PROXY: '1', NO_PROXY: undefined, no_proxy: undefined },
    };
    const grid = await openEventGridSink();
    closers.push(
      () => grid.close(),
      () => proxy.close(),
    );
    const settings = {
      'OrderProcessing:EventGridTopicEndpoint': grid.endpoint,
      'OrderProcessing:EventGridTopicKey': 'topic-key',
    };
    system = await startSystem({ environment, settings });
    const placed = await placeOrder();
    const location = placed.headers.get('location') ?? '';
    await until('the order is completed', async () => (await statusOf(location)) === 'completed');
    const tool = ['dist/local/send-eventgrid.js', 'StockUpdated', '--data', system.dataDir];
    const sent = spawn(process.execPath, tool, { env: { ...process.env, ...environment }, stdio: 'ignore' });
    expect(await once(sent, 'exit')).toEqual([0, null]);
    await until('the last event is at the Event Grid topic', () =>
      grid.events().some(({ type }) => type === 'com.ordersaga.OrderCompleted'),
    );
    expect(proxied).toEqual([]);
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
