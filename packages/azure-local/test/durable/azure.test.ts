// The storage mode `azure` against what the recordings of the Azure Storage backend show under a kill.
import * as df from 'durable-functions';
import { createHubControl } from '../../src/durable/azure/hub-control';
import type { EndsAt } from '../../src/durable/azure/moments';
import { SharedFile } from '../../src/storage/shared-file';
import { cleanUp, openAzureEngine, type AzureHarness } from '../../testing/durable-harness';
import type { ManualClock } from '../../src/kit/clock';

const MINUTE_MS = 60_000;

beforeAll(() => {
  df.app.activity('act', { handler: (input: unknown) => `did ${String(input)}` });
  df.app.orchestration('threeSteps', function* (context) {
    const done: unknown[] = [];
    for (const step of ['a', 'b', 'c']) done.push(yield context.df.callActivity('act', step));
    return done;
  });
  df.app.orchestration('afterTimer', function* (context) {
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + MINUTE_MS));
    return (yield context.df.callActivity('act', 'late')) as unknown;
  });
  // As the order saga: a timer beside the first call, and another second call when it has fired.
  df.app.orchestration('turnsRound', function* (context) {
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + MINUTE_MS));
    const reserve = context.df.callActivity('act', 'reserve');
    yield context.df.Task.any([reserve, timer]);
    if (!reserve.isCompleted) yield reserve;
    if (timer.isCompleted) return (yield context.df.callActivity('act', 'undo')) as unknown;
    const charged: unknown = yield context.df.callActivity('act', 'charge');
    timer.cancel();
    return charged;
  });
});

afterEach(cleanUp);

/** A host that ends at the first moment that `endsAt` takes. */
async function killed(
  hub: SharedFile,
  endsAt: EndsAt,
  name: string,
): Promise<{ clock: ManualClock; id: string }> {
  let isOver = false;
  const first = await openAzureEngine({ hub, endsAt: (moment) => (isOver ||= endsAt(moment)) });
  const id = await first.start(name);
  await first.engine.idle();
  expect(isOver).toBe(true);
  return { clock: first.clock, id };
}

const inputs = ({ invocations }: AzureHarness): unknown[] =>
  invocations
    .filter(({ kind }) => kind === 'activity')
    .map(({ triggerData }) => JSON.parse(triggerData ?? '') as unknown);

test('an orchestration of three activities runs to its end', async () => {
  const { start, settled } = await openAzureEngine();
  const id = await start('threeSteps');
  expect(await settled(id)).toMatchObject({
    runtimeStatus: 'Completed',
    output: ['did a', 'did b', 'did c'],
  });
});

test('a timer is a message that becomes visible when it is due', async () => {
  const { start, settled, clock } = await openAzureEngine();
  const id = await start('afterTimer');
  await settled(id);
  clock.advance(MINUTE_MS - 1);
  expect((await settled(id)).runtimeStatus).toBe('Running');
  clock.advance(1);
  expect(await settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'did late' });
});

describe('a host that dies between the messages of an episode and its history', () => {
  const afterCharge: EndsAt = ({ name, what, left }) =>
    name === 'messageSent' && what === 'act' && left === 0;
  let hub: SharedFile;
  beforeEach(() => (hub = new SharedFile(':memory:')));
  afterEach(() => hub.close());

  async function diesAsItCharges(): Promise<{ clock: ManualClock; id: string }> {
    let sent = 0;
    return killed(hub, (moment) => afterCharge(moment) && ++sent === 2, 'turnsRound');
  }

  test('leaves an activity that runs although no history has scheduled it', async () => {
    const { clock, id } = await diesAsItCharges();
    const second = await openAzureEngine({ hub, clock });
    const status = await second.settled(id);
    expect(inputs(second)).toEqual(['charge']);
    expect(status.historyEvents?.map(({ EventType }) => EventType)).toEqual([
      'ExecutionStarted',
      'TaskScheduled',
      'TimerCreated',
    ]);
  });

  test('leaves an answer that ends another task with the same number', async () => {
    const { clock, id } = await diesAsItCharges();
    const control = createHubControl(hub);
    const forgotten = () =>
      control.messages().filter(({ body }) => body.kind === 'task' && body.taskId === 2);
    const act = async (input: string | undefined): Promise<string> => {
      const step = JSON.parse(input ?? '') as string;
      if (step === 'undo') {
        await control.reveal(forgotten(), clock.now());
        await second.engine.ended(id);
      }
      return `did ${step}`;
    };
    const second = await openAzureEngine({ hub, clock, activities: { act } });
    await second.engine.idle();
    // The timer is due before the answer of the first activity becomes visible again.
    clock.advance(2 * MINUTE_MS);
    await second.engine.idle();
    clock.advance(3 * MINUTE_MS);
    const status = await second.settled(id);
    expect(inputs(second)).toEqual(['charge', 'undo']);
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 'did charge' });
  });

  test('goes on as if nothing had been, when the hidden answer comes back first', async () => {
    const { clock, id } = await diesAsItCharges();
    const control = createHubControl(hub);
    const hidden = control.messages().filter(({ body }) => body.kind === 'task' && body.taskId === 0);
    expect(hidden).toHaveLength(1);
    const second = await openAzureEngine({ hub, clock });
    await second.engine.idle();
    await control.reveal(hidden, clock.now());
    await second.engine.idle();
    clock.advance(MINUTE_MS);
    const status = await second.settled(id);
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 'did charge' });
    expect(inputs(second)).toEqual(['charge', 'charge']);
  });
});
