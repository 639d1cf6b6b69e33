// What `npm run rebuild` asks the app for.
import { execFile } from 'node:child_process';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import path from 'node:path';
import { listenOnLoopback } from 'azure-local/kit/listen';

const PROGRAM = path.resolve('scripts/rebuild.mjs');

let server: Server;
let url: string;
let asked: { path: string; headers: IncomingHttpHeaders } | undefined;

beforeEach(async () => {
  server = createServer((request, response) => {
    asked = { path: request.url ?? '', headers: request.headers };
    response.end('{"orders":1,"events":8,"durationMs":2}');
  });
  url = `http://127.0.0.1:${await listenOnLoopback(server, 0, 'test', '--port')}`;
});
afterEach(() => server.close());

const run = (flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [PROGRAM, 'customer-orders', '--url', url, ...flags],
      { env: { ...process.env, ...env } },
      (error, stdout, stderr) => (error === null ? resolve(stdout) : reject(new Error(stderr))),
    );
  });

test.each<[string, readonly string[], NodeJS.ProcessEnv]>([
  ['flags', ['--token', 'secret', '--tenant', 'acme'], {}],
  ['the environment', [], { OPERATOR_TOKEN: 'secret', TENANT_ID: 'acme' }],
])('the rebuild names the tenant that %s give, with the operator token', async (_, flags, env) => {
  expect(await run(flags, env)).toContain('Rebuilt from 1 orders, 8 events');
  expect(asked).toMatchObject({
    path: '/api/ops/projections/customer-orders/rebuild',
    headers: { authorization: 'Bearer secret', 'x-tenant-id': 'acme' },
  });
});

test('without a tenant the rebuild names none', async () => {
  await run(['--token', 'secret'], { TENANT_ID: '' });
  expect(asked?.headers).not.toHaveProperty('x-tenant-id');
});
