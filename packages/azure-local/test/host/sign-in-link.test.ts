// A sign-in link is good once, over all hosts of a data folder, and its code is no token.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createSignIn } from '../../src/host/sign-in';
import { createSignInLinks, signInCode } from '../../src/host/sign-in-link';
import { ManualClock } from '../../src/kit/clock';

const KEY = 'a key';
const HOUR_MS = 3_600_000;
const clock = new ManualClock();
let dataDir: string;
beforeEach(() => (dataDir = mkdtempSync(path.join(os.tmpdir(), 'sign-in-'))));
afterEach(() => rmSync(dataDir, { recursive: true }));

/** What a host of the folder answers to a body. */
async function redeem(body: unknown): Promise<{ status: number; token?: string }> {
  const links = createSignInLinks({ key: KEY, dataDir }, clock);
  const server = createServer((request, response) => void links(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: JSON.stringify(body) });
  const { token } = (await answer.json()) as { token?: string };
  await new Promise((resolve) => server.close(resolve));
  return { status: answer.status, ...(token === undefined ? {} : { token }) };
}
const kindOf = (token: string): string =>
  createSignIn(KEY, clock)({ headers: { authorization: `Bearer ${token}` } }).kind;

test('of several that bring the code, also to several hosts, one gets a token that signs in', async () => {
  const code = signInCode(KEY, { name: 'me', roles: ['operator'] }, clock.now());
  const answers = await Promise.all([redeem({ code }), redeem({ code }), redeem({ code })]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  expect(kindOf(answers.find(({ status }) => status === 200)?.token ?? '')).toBe('letIn');
  expect((await redeem({ code })).status).toBe(401);
});

test('the code itself signs nobody in, and what is no code, or is old, is refused', async () => {
  const code = signInCode(KEY, { name: 'me', roles: ['operator'] }, clock.now());
  expect(kindOf(code)).toBe('refused');
  for (const body of [
    {},
    { code: 7 },
    { code: 'x.y.z' },
    { code: signInCode('another key', {}, clock.now()) },
  ])
    expect((await redeem(body)).status).toBe(401);
  clock.advance(12 * HOUR_MS);
  expect((await redeem({ code })).status).toBe(401);
});
