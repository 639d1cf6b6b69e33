// The storage mode `azure`: what is held stays hidden also when that is short, and what an episode that is held between its
// messages and its history has left behind.
import * as df from 'durable-functions';
import { createHubControl } from '../../src/durable/azure/hub-control';
import { EpisodeHolds } from '../../src/durable/episode-holds';
import { ManualClock } from '../../src/kit/clock';
import { SharedFile } from '../../src/storage/shared-file';
import { cleanUp, gate, openAzureEngine, until, type AzureHarness } from '../../testing/durable-harness';

const SHORT_MS = 4_000;
const provider = {
  controlQueueVisibilityTimeoutMs: SHORT_MS,
  workItemQueueVisibilityTimeoutMs: SHORT_MS,
};

beforeAll(() => {
  df.app.activity('work', { handler: (input: unknown) => `did ${String(input)}` });
  df.app.orchestration('twoWorks', function* (context) {
    const first: unknown = yield context.df.callActivity('work', 'one');
    const second: unknown = yield context.df.callActivity('work', 'two');
    return [first, second];
  });
});
afterEach(cleanUp);

const calls = (host: AzureHarness): number => host.invocations.filter(({ name }) => name === 'work').length;

test('an activity that takes longer than its visibility timeout stays invisible and does not run twice', async () => {
  const { opened, open } = gate<unknown>();
  const clock = new ManualClock();
  const host = await openAzureEngine({ clock, provider, activities: { work: () => opened } });
  const id = await host.start('twoWorks');
  await until(() => calls(host) === 1);
  for (let passed = 0; passed < 5 * SHORT_MS; passed += SHORT_MS / 4) {
    clock.advance(SHORT_MS / 4);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(
      createHubControl(host.hub)
        .messages()
        .every(({ visibleMs }) => visibleMs > clock.now()),
    ).toBe(true);
  }
  expect(
    createHubControl(host.hub)
      .messages()
      .map(({ dequeueCount }) => dequeueCount),
  ).toEqual([1]);
  expect(calls(host)).toBe(1);
  open('at last');
  expect((await host.settled(id)).output).toEqual(['at last', 'at last']);
});

test('an episode held between its messages and its history has sent its activity, which runs, and has not written its history', async () => {
  const hub = new SharedFile(':memory:');
  const holds = new EpisodeHolds();
  holds.replace([{ contains: ['"name":"held"'], event: 2, moment: 'sent' }]);
  const host = await openAzureEngine({ hub, holds });
  const id = await host.start('twoWorks', { name: 'held' });
  await until(() => holds.list().some(({ held }) => held > 0) && calls(host) === 2);
  const { rows } = host.engine.storage.hub.history.load(id, null);
  expect(rows.filter(({ event }) => event.includes('"EventType":5'))).toEqual([]);
  await until(() =>
    createHubControl(hub)
      .messages()
      .some(({ body }) => body.kind === 'task' && body.taskId === 1),
  );
  holds.replace([]);
  expect((await host.settled(id)).runtimeStatus).toBe('Completed');
  await host.close();
  await hub.close();
});
