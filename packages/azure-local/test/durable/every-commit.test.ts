// Whatever an orchestration uses, a process that finds the journal as any commit left it goes on to the same end.
import { createServer } from 'node:http';
import path from 'node:path';
import * as df from 'durable-functions';
import { ManualClock } from '../../src/kit/clock';
import { listenOnLoopback } from '../../src/kit/listen';
import { afterEveryCommit, diskCopy } from '../support/durable-copies';
import { cleanUp, openEngine, temporaryFolder, type Harness } from '../../testing/durable-harness';

const SECOND_MS = 1000;

let clock = new ManualClock();
let healthyFromMs = 0;
let port = 0;
const server = createServer((request, response) => {
  const isAccepted = request.url === '/accepted' && clock.now() < healthyFromMs;
  response.writeHead(isAccepted ? 202 : 200, { Location: '/accepted', 'Retry-After': '1' });
  response.end('done');
});

beforeAll(async () => {
  port = await listenOnLoopback(server, 0, 'a service', '--port');
  df.app.activity('echo', { handler: (input: unknown) => input });
  df.app.activity('soon', {
    handler: () => {
      if (clock.now() < healthyFromMs) throw new Error('not yet');
      return 'healthy';
    },
  });
  df.app.entity<number>('sum', (context) => {
    const sum = (context.df.getState(() => 0) ?? 0) + (context.df.getInput<number>() ?? 0);
    context.df.setState(sum);
    context.df.return(sum);
  });
  const retry = (): df.RetryOptions => new df.RetryOptions(SECOND_MS, 5);
  const scenarios: Record<string, df.OrchestrationHandler> = {
    retries: function* (context) {
      return (yield context.df.callActivityWithRetry('soon', retry())) as unknown;
    },
    children: function* (context) {
      const first: unknown = yield context.df.callSubOrchestrator('child', 1);
      const both: unknown = yield context.df.Task.all([
        context.df.callSubOrchestrator('child', 2, 'named'),
        context.df.callSubOrchestratorWithRetry('frail', retry()),
      ]);
      return [first, both];
    },
    rounds: function* (context) {
      const seen = context.df.getInput<number[] | null>() ?? [];
      const next: unknown = yield context.df.callActivity('echo', seen.length);
      if (seen.length < 3) context.df.continueAsNew([...seen, next]);
      return seen;
    },
    fetches: function* (context) {
      const answer = (yield context.df.callHttp({
        method: 'GET',
        url: `http://127.0.0.1:${port}/accepted`,
      })) as { statusCode: number };
      return answer.statusCode;
    },
    counts: function* (context) {
      const id = new df.EntityId('sum', 's');
      context.df.signalEntity(id, 'add', 1);
      context.df.signalEntity(id, 'add', 2);
      const three: unknown = yield context.df.callEntity(id, 'add', 0);
      const seven: unknown = yield context.df.callEntity(id, 'add', 4);
      return [three, seven];
    },
    child: function* (context) {
      return (yield context.df.callActivity('echo', { n: context.df.getInput() })) as unknown;
    },
    frail: function* (context) {
      return (yield context.df.callActivity('soon')) as unknown;
    },
  };
  for (const [name, handler] of Object.entries(scenarios)) df.app.orchestration(name, handler);
});

afterEach(cleanUp);
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Lets time pass until nothing waits for it. */
async function finish({ engine, clock: time }: Harness, id: string): Promise<void> {
  for (;;) {
    await engine.idle();
    const due = time.nextDueMs();
    if (engine.unfinished(id) === undefined || due === undefined) return;
    time.advance(Math.max(0, due - time.now()));
  }
}

test.each([
  ['retries', 'healthy'],
  ['children', [{ n: 1 }, [{ n: 2 }, 'healthy']]],
  ['rounds', [0, 1, 2]],
  ['fetches', 200],
  ['counts', [3, 7]],
])('%s', async (name, output) => {
  const file = path.join(temporaryFolder(), 'durable.db');
  clock = new ManualClock();
  const begunMs = clock.now();
  healthyFromMs = begunMs + 2 * SECOND_MS;
  const first = await openEngine({ file, clock });
  const copies: { file: string; atMs: number }[] = [];
  afterEveryCommit(first.journal, () => copies.push({ file: diskCopy(file), atMs: clock.now() }));
  const id = await first.start(name);
  await finish(first, id);
  expect(await first.settled(id)).toMatchObject({ runtimeStatus: 'Completed', output });
  await first.close();

  expect(copies.length).toBeGreaterThan(3);
  for (const copy of copies) {
    clock = new ManualClock(copy.atMs);
    const next = await openEngine({ file: copy.file, clock });
    await finish(next, id);
    const { runtimeStatus, output: ended } = await next.settled(id);
    expect([copies.indexOf(copy), runtimeStatus, ended]).toEqual([copies.indexOf(copy), 'Completed', output]);
    if (name === 'counts') expect((await next.call('GET', '/entities/sum/s')).body).toBe(7);
    await next.close();
  }
});
