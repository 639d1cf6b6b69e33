// `npm run emulators` and `npm run send:order` as programs, the way a person starts them.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ServiceBusClient } from '@azure/service-bus';
import { freePorts } from 'azure-local/supervisor/start-flags';
import { until } from 'azure-local/kit/until';

const run = promisify(execFile);
const EMULATORS = 'dist/local/emulators.js';
const SEND_ORDER = 'dist/local/send-order.js';
const FREE_PORTS = freePorts('--port');

let folder: string;
let emulators: ChildProcess;
let said = '';

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'order-saga-emulators-'));
  emulators = spawn(process.execPath, [EMULATORS, ...FREE_PORTS, '--data', folder]);
  emulators.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until('the emulators are ready', () => said.includes('ShippingService__BaseUrl='));
});
afterAll(async () => {
  const ended = emulators.exitCode === null ? once(emulators, 'exit') : undefined;
  emulators.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

const setting = (name: string): string => new RegExp(`^ *${name}=(.+)$`, 'm').exec(said)?.[1] ?? '';

test('the emulators print app settings whose addresses answer', async () => {
  const endpoint = /AccountEndpoint=([^;]+)/.exec(setting('OrderProcessing__CosmosConnectionString'))?.[1];
  expect((await fetch(endpoint ?? '')).status).toBeLessThan(500);
  const ledger = new URL('/control/ledger', setting('InventoryService__BaseUrl'));
  expect(await (await fetch(ledger)).json()).toEqual([]);
});

test('send:order puts an order, or any body, on the queue of the connection it is given', async () => {
  const connection = setting('ServiceBusConnection');
  const to = ['--connection', connection, '--data', folder];
  await run(process.execPath, [SEND_ORDER, ...to, '--id', 'order-1', '--customer', 'cust-7']);
  await run(process.execPath, [SEND_ORDER, ...to, '--id', 'bad-1', 'no order']);
  const client = new ServiceBusClient(connection);
  const messages = await client.createReceiver('orders').peekMessages(10);
  await client.close();
  expect(messages.map(({ messageId }) => messageId)).toEqual(['order-1', 'bad-1']);
  expect(messages[0]?.body).toMatchObject({ customerId: 'cust-7' });
  expect(String(messages[1]?.body)).toBe('no order');
});

test('send:order says in a sentence that no broker answers, and ends with 1', async () => {
  const nobody =
    'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=k;SharedAccessKey=a;UseDevelopmentEmulator=true;';
  const sent = run(process.execPath, [SEND_ORDER, '--connection', nobody, '--data', folder]);
  await expect(sent).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/ECONNREFUSED[^]*Usage:/) as string,
  });
});

test.each([
  ['--cosmos-port', 'many'],
  ['--colour', 'red'],
])('the emulators refuse %s %s by name and show how they are used', async (flag, value) => {
  const started = run(process.execPath, [EMULATORS, flag, value, '--data', folder]);
  await expect(started).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(flag) as string });
});

test('a second system does not start on data that the emulators use', async () => {
  const started = run(process.execPath, [EMULATORS, ...FREE_PORTS, '--data', folder]);
  await expect(started).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('still uses the data') as string,
  });
});
