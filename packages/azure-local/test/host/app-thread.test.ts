// The thread of the app, over a host process with a fixture app. How the host ends with it is in golden-processes.test.ts.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../../src/kit/until';
import { removeChildren } from '../../testing/child-programs';
import { fixture, startHost, type HostProcess } from '../../testing/host-process';

let signals: string;
let host: HostProcess;

beforeAll(async () => {
  signals = mkdtempSync(path.join(tmpdir(), 'order-saga-thread-'));
  host = await startHost({ appRoot: fixture('host-thread') }, { SIGNALS: signals });
});
afterAll(() => {
  removeChildren();
  rmSync(signals, { recursive: true });
});

test('a handler that keeps its thread busy does not hold up the host', async () => {
  const busy = host.request('/api/Blocks');
  await until('the handler runs', () => existsSync(path.join(signals, 'begun')));
  const answer = await host.request('/runtime/webhooks/mounted/beside');
  writeFileSync(path.join(signals, 'release'), '');
  expect(answer.text).toBe('mounted /runtime/webhooks/mounted/beside');
  expect((await busy).text).toBe('released');
});

test.each([0, 1, 256, 3_000_000])('a body of %d bytes passes to the app and back', async (length) => {
  const body = Buffer.from(Array.from({ length }, (_, index) => index % 256));
  const answer = await host.request('/api/Reverse', { method: 'POST', body });
  expect(answer.body.equals(Buffer.from(body).reverse())).toBe(true);
});
