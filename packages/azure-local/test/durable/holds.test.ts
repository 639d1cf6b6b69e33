// Episodes held on demand: what is on disk while one is held, what follows when it is let go, and the door to it.
// O…: invariants at the head of episode-holds.ts.
import { createServer } from 'node:http';
import * as df from 'durable-functions';
import { EpisodeHolds } from '../../src/durable/episode-holds';
import { createHoldsApi } from '../../src/durable/holds-api';
import { listenOnLoopback } from '../../src/kit/listen';
import { cleanUp, countEvents, openWithHeld, until } from '../../testing/durable-harness';

beforeAll(() => {
  df.app.activity('held', { handler: () => 'never called: a stand-in takes its place' });
  df.app.orchestration('heldEpisodes', function* (context) {
    const first: unknown = yield context.df.callActivity('held', 'one');
    const second: unknown = yield context.df.callActivity('held', 'two');
    return [first, second];
  });
});
afterEach(cleanUp);

const INPUT = { name: 'this one' };
const rule = { contains: ['"name":"this one"'], event: 2 };

/** An instance whose first activity has ended, and whose episode after that is held. */
async function openHeld(moment: 'before' | 'after') {
  const holds = new EpisodeHolds();
  holds.replace([{ ...rule, moment }]);
  const harness = await openWithHeld({ holds });
  const { held, engine, start } = harness;
  const id = await start('heldEpisodes', INPUT);
  await until(() => held.length === 1);
  held[0]?.end(1);
  await until(() => holds.list().some((each) => each.held > 0));
  const history = async (): Promise<string> =>
    (await engine.store.history(engine.store.find(id)?.key ?? 0)).join();
  return { ...harness, holds, id, history };
}

test('an episode held before it is on disk is not in the history, and nothing follows from it', async () => {
  const { held, history } = await openHeld('before');

  expect(await history()).not.toContain('"EventType":5');
  expect(held).toHaveLength(1);
});

test('an episode held after it was written is in the history, and what it scheduled has not begun', async () => {
  const { held, history } = await openHeld('after');

  expect((await history()).match(/"EventType":4/g)).toHaveLength(2);
  expect(held).toHaveLength(1);
});

test.each(['before', 'after'] as const)(
  'episode-holds.O1: an episode held %s it was written goes on when its rule is replaced',
  async (moment) => {
    const { id, held, holds, settled } = await openHeld(moment);
    holds.replace([]);
    await until(() => held.length === 2);
    held[1]?.end(2);

    const status = await settled(id);
    expect(status.output).toEqual([1, 2]);
    expect(countEvents(status, 'TaskCompleted')).toBe(2);
  },
);

test('an instance whose input does not contain what a rule names is not held', async () => {
  const holds = new EpisodeHolds();
  holds.replace([{ ...rule, event: 1, moment: 'before' }]);
  const { start, held } = await openWithHeld({ holds });
  await start('heldEpisodes', { name: 'another' });
  await until(() => held.length === 1);
  expect(holds.list()).toEqual([{ ...rule, event: 1, moment: 'before', held: 0 }]);
});

test('the control API lists the rules, replaces them, and refuses invalid ones, saying why', async () => {
  const holds = new EpisodeHolds();
  const api = createHoldsApi(holds);
  const server = createServer((request, response) => void api(request, response));
  const url = `http://127.0.0.1:${await listenOnLoopback(server, 0, 'holds', '--port')}`;
  const put = (body: string) => fetch(url, { method: 'PUT', body });
  try {
    const answer = await put(JSON.stringify([{ ...rule, moment: 'after' }]));
    expect(await answer.json()).toEqual([{ ...rule, moment: 'after', held: 0 }]);
    for (const [body, why] of [
      ['{', 'JSON'],
      ['[{"contains":["a"],"event":1,"moment":"later"}]', 'moment'],
    ] as const) {
      const refused = await put(body);
      expect(refused.status).toBe(400);
      expect(await refused.text()).toContain(why);
    }
    expect(await (await fetch(url)).json()).toHaveLength(1);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(404);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
