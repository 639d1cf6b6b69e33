// The built host process without a supervisor, with the Service Bus fixture: how it ends when its broker says nothing.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { until } from '../../src/kit/until';
import { openTcpProxy, type TcpProxy } from '../../testing/tcp-proxy';
import { hostProgram, MODULES, removeChildren } from '../../testing/child-programs';
import { fixture, sendRequest } from '../../testing/host-process';
import { queue, startBroker, topic, type Broker } from './servicebus-process';

let folder: string;
let broker: Broker;
let proxy: TcpProxy;
let host: ChildProcess;
let said: string;
let ended: Promise<unknown[]>;

afterAll(removeChildren);
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'order-saga-alone-'));
  broker = await startBroker([queue('plain'), queue('out')], [topic('out-events', 'all')]);
});
afterEach(async () => {
  host.kill('SIGKILL');
  await proxy.shut();
  await broker.close();
  rmSync(folder, { recursive: true });
});

/** Starts the host with one function of the fixture, behind a proxy to the broker. */
async function start(name: string): Promise<string> {
  const address = /sb:\/\/([^;]+)/.exec(broker.connectionString)?.[1] ?? '';
  proxy = await openTcpProxy(address);
  const options = { dataDir: folder, appRoot: fixture('host-servicebus'), port: 0 };
  host = spawn(process.execPath, [hostProgram(), JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      NODE_PATH: MODULES,
      FUNCTIONS: name,
      OutQueue: 'out',
      Bus: broker.connectionString.replace(address, proxy.host),
    },
  });
  ended = once(host, 'close');
  said = '';
  for (const stream of [host.stdout, host.stderr])
    stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return until('the host serves', () => /host: api (http:\S+)/.exec(said)?.[1]);
}

/** The same, with a message received. */
async function startReceiving(): Promise<void> {
  await start('Plain');
  const client = new ServiceBusClient(broker.connectionString);
  await client.createSender('plain').sendMessages({ body: 'hello' });
  await client.close();
  await until('the message has been received', () => said.includes("Executed 'Functions.Plain' (Succeeded"));
}

test('a stop with a broker that answers ends well', async () => {
  await startReceiving();
  host.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

test('a trigger that cannot end because its broker is silent is given up by name', async () => {
  await startReceiving();
  proxy.mute();
  host.kill('SIGTERM');
  expect(await ended).toEqual([1, null]);
  expect(said).toMatch(
    /host: not done in time: the functions with a servicebustrigger\. It ends all the same/,
  );
});

test('an output that cannot end because its broker is silent is given up by name', async () => {
  const url = await start('Put');
  const put = await sendRequest(url, '/Put', { method: 'POST', body: Buffer.from('{"queue":"a"}') });
  expect(put.status).toBe(200);
  proxy.mute();
  host.kill('SIGTERM');
  expect(await ended).toEqual([1, null]);
  expect(said).toMatch(/host: not done in time: the output serviceBus\. It ends all the same/);
});

test('a second SIGTERM ends the process while the first still waits', async () => {
  await startReceiving();
  proxy.mute();
  const again = setInterval(() => host.kill('SIGTERM'), 100);
  expect(await ended.finally(() => clearInterval(again))).toEqual([130, null]);
});
