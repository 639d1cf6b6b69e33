// Service Bus functions with sessions: order within a session, several sessions at a time, state, release, batches.
import { until } from '../../src/kit/until';
import { queue, startServiceBusHost } from './servicebus-process';
import { openServiceBusFixture, type ServiceBusHostFixture } from './servicebus-host-fixture';

interface Seen {
  readonly sessionId: string;
  readonly body: { readonly step: number };
  readonly at: 'begin' | 'end';
}

let fixture: ServiceBusHostFixture;
let places: ServiceBusHostFixture['places'];
let host: ServiceBusHostFixture['host'];
beforeAll(async () => {
  fixture = await openServiceBusFixture({
    queues: ['sessions', 'session-batches'].map((name) => queue(name, { RequiresSession: true })),
    functions: ['Sessions', 'SessionBatch'],
  });
  ({ places, host } = fixture);
});
afterAll(() => fixture.close());

/** What was seen of these sessions, once there are `count` entries. */
function seenOf(sessions: readonly string[], count: number): Promise<readonly Seen[]> {
  return until(`${count} entries of ${sessions.join()}`, async () => {
    const own = (await host.seen<Seen>('Sessions', 0)).filter(({ sessionId }) =>
      sessions.includes(sessionId),
    );
    return own.length >= count && own;
  });
}

test('the messages of a session come one after the other, in their order', async () => {
  const steps = Array.from({ length: 20 }, (_, step) => step);
  await places.send('sessions', ...steps.map((step) => ({ sessionId: 'ordered', body: { step } })));
  const seen = await seenOf(['ordered'], 40);
  expect(seen.map(({ body, at }) => `${body.step} ${at}`)).toEqual(
    steps.flatMap((step) => [`${step} begin`, `${step} end`]),
  );
});

test('as many sessions as host.json allows run at a time, and the others after them', async () => {
  const sessions = ['a', 'b', 'c'];
  await places.send(
    'sessions',
    ...sessions.map((sessionId) => ({ sessionId, body: { step: 0, hold: 'sessions' } })),
  );
  await seenOf(sessions, 2);
  // The third would have begun by now: it is sent, and nothing else is to be done.
  await new Promise((resolve) => setImmediate(resolve));
  expect((await seenOf(sessions, 2)).map(({ at }) => at)).toEqual(['begin', 'begin']);
  host.open('sessions');
  const ended = (await seenOf(sessions, 6)).filter(({ at }) => at === 'end');
  expect(ended.map(({ sessionId }) => sessionId).sort()).toEqual(sessions);
});

test('the state of a session is kept on the broker', async () => {
  await places.send('sessions', { sessionId: 'with state', body: { step: 0, state: 'paid', release: true } });
  await seenOf(['with state'], 2);
  const session = await places.client.acceptSession('sessions', 'with state');
  expect(String(await session.getSessionState())).toBe('paid');
  await session.close();
});

test('a session that the function releases is free though its idle time has not passed', async () => {
  const other = await startServiceBusHost(
    ['Sessions'],
    { Bus: fixture.broker.connectionString },
    { sessionIdleTimeout: '01:00:00' },
  );
  await places.send('sessions', { sessionId: 'released', body: { step: 0, release: true } });
  await until('the message', async () => {
    const entries = await Promise.all([host, other].map((each) => each.seen<Seen>('Sessions', 0)));
    return entries.flat().some(({ sessionId, at }) => sessionId === 'released' && at === 'end');
  });
  const session = await places.client.acceptSession('sessions', 'released');
  await session.close();
  await other.close();
});

test('the lock of a session can be renewed', async () => {
  await places.send('sessions', { sessionId: 'renewed', body: { step: 0, renew: true } });
  const [untilMs = 0] = await host.seen<number>('Renewed', 1);
  expect(untilMs).toBeGreaterThan(Date.now());
});

test('a function with cardinality many gets the messages of one session at a time', async () => {
  const messages = ['x', 'y'].flatMap((sessionId) => [1, 2, 3].map((step) => ({ sessionId, body: step })));
  await places.send('session-batches', ...messages);
  const batches = await until('all six', async () => {
    const all = await host.seen<{ bodies: number[]; sessionIds: string[] }>('SessionBatch', 1);
    return all.flatMap(({ bodies }) => bodies).length === 6 && all;
  });
  for (const { sessionIds } of batches) expect(new Set(sessionIds).size).toBe(1);
  expect(batches.flatMap(({ bodies }) => bodies)).toEqual([1, 2, 3, 1, 2, 3]);
});
