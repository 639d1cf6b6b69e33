// Tests for `npm run smoke` as a program, against a system that works, one whose orders fail, and ones that are not
// there.
import { execFile } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { createSystemClient } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';

const run = promisify(execFile);
const PROGRAM = path.resolve(__dirname, '../../scripts/smoke.mjs');
const smoke = (...flags: string[]): Promise<{ stdout: string; stderr: string }> =>
  run(process.execPath, [PROGRAM, ...flags]);
const failing = (text: string): object => ({
  code: 1,
  stderr: expect.stringContaining(`Smoke test failed: ${text}`) as string,
});

describe('on a system that runs', () => {
  let system: RunningSystem;
  beforeAll(async () => (system = await startSystem()));
  afterAll(() => system.stop());

  test('an order completes, which is told with its id', async () => {
    const { stdout } = await smoke('--url', system.urls.api);
    expect(stdout).toMatch(/^Health: ok\nOrder [\w-]+: completed after [\d.]+ s\n$/);
  });

  test('an order that fails is a failure, with its code', async () => {
    await createSystemClient(system.urls).planFaults([
      { service: 'payments', customerId: 'smoke-test', fault: 'refuse' },
    ]);
    await expect(smoke('--url', system.urls.api)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/order [\w-]+ ended failed: PAYMENT_FAILED/) as string,
    });
  });
});

async function onServer(listener: RequestListener, then: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await then(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('on another server', () => {
  test('nothing that listens is a failure after the given time', async () => {
    await expect(smoke('--url', 'http://127.0.0.1:2', '--within', '1')).rejects.toMatchObject(
      failing('the app is not healthy: connect ECONNREFUSED'),
    );
  });

  test('with --health-only no order is placed', async () => {
    const methods: (string | undefined)[] = [];
    await onServer(
      (request, response) => {
        methods.push(request.method);
        response.end('{"status":"degraded"}');
      },
      async (url) => expect((await smoke('--url', url, '--health-only')).stdout).toBe('Health: degraded\n'),
    );
    expect(methods).toEqual(['GET']);
  });

  test('a refused order is a failure at once, and says what was answered', async () => {
    const paths: string[] = [];
    await onServer(
      (request, response) => {
        paths.push(
          `${request.method ?? ''} ${request.url ?? ''} ${String(request.headers['x-functions-key'])}`,
        );
        response.statusCode = request.method === 'POST' ? 401 : 200;
        response.end('{"status":"ok"}');
      },
      async (url) => {
        await expect(smoke('--url', url, '--key', 'k')).rejects.toMatchObject(
          failing('no order is taken: 401'),
        );
      },
    );
    expect(paths).toEqual(['GET /api/health k', 'POST /api/orders k']);
  });

  test('an order that does not end is a failure that says how it stands', async () => {
    await onServer(
      (request, response) => {
        response.statusCode = request.method === 'POST' ? 202 : 200;
        response.end(
          JSON.stringify({ id: 'o-1', status: request.url === '/api/health' ? 'ok' : 'processing' }),
        );
      },
      async (url) => {
        await expect(smoke('--url', url, '--within', '2')).rejects.toMatchObject(
          failing('order o-1 does not end: it is processing'),
        );
      },
    );
  });

  test('flags that are not known, and a time that is none, are refused', async () => {
    await expect(smoke('--colour', 'red')).rejects.toMatchObject(failing("Unknown option '--colour'"));
    await expect(smoke('--within', 'soon')).rejects.toMatchObject(failing('--within soon is no number'));
  });
});
