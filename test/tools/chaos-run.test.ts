// A chaos run comes to its result in any case: on a system that is away, or never comes back.
import { createServer, type AddressInfo } from 'node:net';
import type { ChaosSystem } from '../../tools/chaos/chaos-system';
import { makePlan } from '../../tools/chaos/make-plan';
import type { Kind } from '../../tools/chaos/plan';
import { playOn, type ChaosResult } from '../../tools/chaos/run';

const PROXY = {
  host: '127.0.0.1:9',
  cut: () => undefined,
  shut: () => undefined,
  slow: () => undefined,
  heal: () => undefined,
  close: () => Promise.resolve(),
};
const NEVER = new Promise<never>(() => undefined);

/** A system that runs, as far as its pids go, and is behind `port` whatever is asked of it. */
function systemBehind(port: number, restart: () => Promise<void>): ChaosSystem {
  const http = `http://127.0.0.1:${port}`;
  const urls = {
    api: http,
    services: http,
    cosmos: http,
    eventgrid: http,
    telemetry: http,
    servicebus: `sb://127.0.0.1:${port}`,
  };
  const pids = { supervisor: process.pid, host: process.pid, platform: process.pid };
  const done = (): Promise<void> => Promise.resolve();
  const running = {
    ...{ urls, pids, dataDir: '/nowhere', restart, recovered: done, kill: done },
    ...{ stop: () => Promise.resolve(0), output: () => '' },
  };
  return {
    ...{ running, urls, dataDir: '/nowhere', setClocks: () => undefined, stop: done },
    proxies: { cosmos: PROXY, servicebus: PROXY, services: PROXY, eventgrid: PROXY },
  };
}

const SHORT = { drainMs: 100, lateMs: 100, lookMs: 100, say: () => undefined };
const play = (system: ChaosSystem, kinds: readonly Kind[] = ['stop']): Promise<ChaosResult> =>
  playOn(system, makePlan({ seed: 1, orders: 3, durationMs: 50, kills: 1, kinds, storage: 'atomic' }), SHORT);
const namesOf = ({ violations }: ChaosResult): readonly string[] =>
  violations.map(({ invariant }) => invariant);

/** A port at which nobody listens any more. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('on a system that cannot be reached the result says what could not be done', async () => {
  const result = await play(systemBehind(await closedPort(), () => Promise.resolve()));
  expect(result.facts).toBeUndefined();
  expect(namesOf(result)).toContain('what the system holds can be read');
});

test('on a system that never starts again the result says so', async () => {
  const result = await play(systemBehind(await closedPort(), () => NEVER));
  expect(namesOf(result)).toContain('the system comes back from every disturbance');
});
