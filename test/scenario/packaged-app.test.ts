// What would be deployed, run from an empty folder without node_modules: the same bundle, nothing else of the project.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSystemClient, isEnded, poll } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { copiesIn } from '../support/dockerfile';
import { createOrderCaller, order } from '../support/order-caller';
import { openOrderQueue, orderMessage, type OrderQueue } from '../support/order-queue';

let folder: string;
let system: RunningSystem;
let queue: OrderQueue;

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/package.mjs']);
  folder = mkdtempSync(path.join(tmpdir(), 'order-saga-package-'));
  cpSync('.deploy', folder, { recursive: true });
  system = await startSystem({ args: ['--app', folder] });
  queue = openOrderQueue(system.urls.servicebus);
});
afterAll(async () => {
  await queue.close();
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the package is host.json, package.json, the bundles, the console and the settlement protocol', () => {
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual([
    'console',
    path.join('console', 'app.css'),
    path.join('console', 'app.js'),
    path.join('console', 'index.html'),
    'exporters',
    path.join('exporters', 'app-insights.js'),
    path.join('exporters', 'otlp.js'),
    'host.json',
    'main.js',
    'package.json',
    'proto',
    path.join('proto', 'settlement.proto'),
  ]);
  const host = JSON.parse(readFileSync(path.join(folder, 'host.json'), 'utf8')) as object;
  expect(host).toMatchObject({
    extensions: {
      durableTask: {
        hubName: 'OrderSagaHub',
        storageProvider: { partitionCount: 16, maxQueuePollingInterval: '00:00:10' },
      },
    },
  });
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as object;
  expect(manifest).toMatchObject({ name: 'order-saga', main: 'main.js' });
  expect(manifest).not.toHaveProperty('dependencies');
  expect(existsSync(path.join(folder, 'node_modules'))).toBe(false);
});

test('the image of the app holds the whole package where the host looks for it, and nothing else', () => {
  const dockerfile = readFileSync('infra/app/Dockerfile', 'utf8');
  const root = /AzureWebJobsScriptRoot=(\S+)/.exec(dockerfile)?.[1] ?? '';
  const placed = copiesIn(dockerfile).flatMap(({ sources, target }) =>
    sources.map((source) => [
      source,
      // A folder is copied as what is in it.
      statSync(path.join(folder, source)).isDirectory() ? target : path.posix.join(target, source),
    ]),
  );
  expect(Object.fromEntries(placed)).toEqual(
    Object.fromEntries(readdirSync(folder).map((name) => [name, path.posix.join(root, name)])),
  );
});

test('the packaged app completes an order that comes over HTTP', async () => {
  const { json } = await createOrderCaller(system.urls.api).post(order('cust-packaged'), {}, '?wait=20');
  expect(json.status).toBe('completed');
});

test('the packaged app completes an order that comes over the queue', async () => {
  const body = order('cust-packaged-queue');
  await queue.send(orderMessage('packaged', body));
  await queue.drained();
  const { json } = await createOrderCaller(system.urls.api).post(body, { 'idempotency-key': 'packaged' });
  const done = await poll(() => createSystemClient(system.urls).order(json.id), isEnded);
  expect(done.status).toBe('completed');
});

test('the packaged app dead-letters a message that is no order, with the reason', async () => {
  await queue.send({ messageId: 'packaged-bad', body: Buffer.from('no order') });
  expect(await queue.deadLetter('packaged-bad')).toMatchObject({ deadLetterReason: 'InvalidJson' });
});

test('the package for Durable Task Scheduler differs in host.json only', () => {
  const before = readFileSync('.deploy/main.js');
  const packageFor = (DURABLE_BACKEND: string): void =>
    void execFileSync(process.execPath, ['scripts/package.mjs'], {
      env: { ...process.env, DURABLE_BACKEND },
      stdio: 'pipe',
    });
  packageFor('scheduler');
  const host = JSON.parse(readFileSync('.deploy/host.json', 'utf8')) as {
    readonly extensions: { readonly durableTask: object };
  };
  const code = readFileSync('.deploy/main.js');
  packageFor('storage');
  expect(host).toMatchObject({ extensionBundle: { version: '[4.38.0, 5.0.0)' } });
  expect(host.extensions.durableTask).toMatchObject({
    hubName: '%TASKHUB_NAME%',
    storageProvider: {
      type: 'azureManaged',
      connectionStringName: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING',
    },
  });
  expect(code.equals(before)).toBe(true);
  expect(() => packageFor('netherite')).toThrow('DURABLE_BACKEND is "netherite"');
});
