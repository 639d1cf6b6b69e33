// The Durable engine in the built host, killed with SIGKILL at generated moments, on its way back too: sub-orchestrations,
// SDK retries, continue-as-new and entities come to the same end as undisturbed.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from 'azure-local/kit/until';
import { createRandom } from '../../tools/chaos/random';

const root = path.resolve(__dirname, '../..');
const WITHIN_MS = 150_000;
const KEYS = ['a', 'b', 'c'];
const ROUNDS = [1, 2, 3];
const LISTED_PER_LIFE = 4;
/** What a tally adds up to: in each round one signal, twice the round and the round. */
const TOTAL = ROUNDS.reduce((sum, round) => sum + 1 + 3 * round, 0);
/** The first answers to one who asks under a name of `refusedFirst`. */
const REFUSALS = 2;
/** How often an undisturbed run asks: its activities, two operations in each round, and the last one. */
const ASKED = KEYS.length * (ROUNDS.length * (2 + REFUSALS + 2) + 1);

/** SIGKILL when somebody asks for the `at`th time, before or after the answer. */
interface Moment {
  readonly at: number;
  readonly isAnswered: boolean;
  readonly laterMs: number;
}

let folder: string;
let service: Server;
/** Everything that was asked, over all lives of the host. */
let asked: string[];
let onAsked: (answer: () => void) => void;
const children = new Set<ChildProcess>();

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'engine-killed-'));
  asked = [];
  onAsked = (answer) => answer();
  service = createServer(({ url = '' }, response) => {
    const isRefused =
      url.startsWith('/refusedFirst') && asked.filter((what) => what === url).length < REFUSALS;
    asked.push(url);
    onAsked(() => response.writeHead(isRefused ? 503 : 200).end());
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  service.closeAllConnections();
  service.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Host {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  request(target: string, body?: unknown): Promise<Response>;
}

/** Starts the host over the data of the test. */
async function startHost(): Promise<Host> {
  const options = { dataDir: folder, appRoot: path.join(root, 'test/fixtures/engine-killed'), port: 0 };
  const child = fork(path.join(root, 'dist/local/host.js'), [JSON.stringify(options)], {
    env: {
      PATH: process.env['PATH'],
      DOOR: `http://127.0.0.1:${(service.address() as AddressInfo).port}`,
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  children.add(child);
  const ended = once(child, 'close').finally(() => children.delete(child));
  const [ready] = (await once(child, 'message')) as [{ urls?: { api: string }; reason?: string }];
  if (ready.urls === undefined) throw new Error(ready.reason);
  const base = `${ready.urls.api}/runtime/webhooks/durabletask`;
  return {
    child,
    ended,
    request: (target, body) =>
      fetch(
        base + target,
        body === undefined
          ? {}
          : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
      ),
  };
}

/** Signals what is to be listed; what was answered with 202 in time. */
async function list(host: Host, life: number): Promise<readonly string[]> {
  const names = Array.from({ length: LISTED_PER_LIFE }, (_, index) => `${life}-${index}`);
  const answers = await Promise.allSettled(
    names.map((name) => host.request('/entities/list/all?op=add', name)),
  );
  return names.filter((_, index) => {
    const answer = answers[index];
    return answer?.status === 'fulfilled' && answer.value.status === 202;
  });
}

/** Kills `host` at `moment`; resolves when it is gone. */
async function killAt({ child, ended }: Host, { at, isAnswered, laterMs }: Moment): Promise<void> {
  onAsked = (answer) => {
    const isDue = asked.length >= at;
    if (!isDue || isAnswered) answer();
    if (isDue) setTimeout(() => child.kill('SIGKILL'), laterMs);
  };
  await ended;
  onAsked = (answer) => answer();
}

/** As many moments as there are deaths, spread over the whole run. */
function momentsOf(seed: number, deaths: number): readonly Moment[] {
  const random = createRandom(seed, 'moments');
  const span = ASKED / (deaths + 1);
  return Array.from({ length: deaths }, (_, index) => ({
    at: Math.floor(index * span + 1 + random.next() * span),
    isAnswered: random.chance(0.5),
    laterMs: random.between(0, 12),
  }));
}

interface Status {
  readonly runtimeStatus: string;
  readonly output: unknown;
}

async function allCompleted(host: Host): Promise<ReadonlyMap<string, Status>> {
  const instances = await until(
    'every instance has ended',
    async () => {
      const found = (await (await host.request('/instances')).json()) as (Status & { instanceId: string })[];
      const ended = found.filter(({ runtimeStatus }) => runtimeStatus === 'Completed');
      return ended.length === KEYS.length * (1 + ROUNDS.length) && found;
    },
    WITHIN_MS,
  );
  return new Map(instances.map((instance) => [instance.instanceId, instance]));
}

test.each([1, 2, 3, 4])(
  'SIGKILL at moments generated from %i changes no output, no retry and no state of an entity',
  async (seed) => {
    const listed: string[] = [];
    const moments = momentsOf(seed, 3);
    let host = await startHost();
    for (const key of KEYS) {
      const { status } = await host.request(`/orchestrators/tally/${key}`, { round: 1, key });
      expect(status).toBe(202);
    }
    for (const [life, moment] of moments.entries()) {
      const killed = killAt(host, moment);
      listed.push(...(await list(host, life)));
      await killed;
      host = await startHost();
    }
    const instances = await allCompleted(host);
    for (const key of KEYS) {
      expect(instances.get(key)?.output).toBe(TOTAL);
      for (const round of ROUNDS) {
        expect(instances.get(`${key}-${round}`)?.output).toBe(3 * round);
        const name = `/refusedFirst/${key}-${round}`;
        expect(asked.filter((what) => what === name).length).toBeGreaterThan(REFUSALS);
      }
      expect(await (await host.request(`/entities/counter/${key}`)).json()).toBe(TOTAL);
    }
    const all = (await (await host.request('/entities/list/all')).json()) as string[];
    expect(new Set(all).size).toBe(all.length);
    expect(all).toEqual(expect.arrayContaining(listed));
  },
  2 * WITHIN_MS,
);
