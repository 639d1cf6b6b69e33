// What an app's code hands over and JSON, a date or a number cannot carry: one instance fails, or goes on with null; the
// process and its histories are unharmed. durable-episode.E5.
import * as df from 'durable-functions';
import { cleanUp, openEngine } from '../../testing/durable-harness';

const cycle: Record<string, unknown> = {};
cycle['itself'] = cycle;
const nothingForJson = (): number => 1;

beforeAll(() => {
  df.app.activity('echo', { handler: (input: unknown) => input ?? 'no input' });
  df.app.activity('answersFunction', { handler: () => nothingForJson });
  df.app.activity('throwsCycle', {
    handler: () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- what the scenario is about
      throw cycle;
    },
  });
  df.app.entity<number>('counter', (context) => context.df.setState(1));
  const scenarios: Record<string, df.OrchestrationHandler> = {
    noDate: function* (context) {
      yield context.df.createTimer(new Date(Number.NaN));
    },
    noInterval: function* (context) {
      yield context.df.callActivityWithRetry('throwsCycle', new df.RetryOptions(Number.NaN, 3));
    },
    noEnd: function* (context) {
      yield context.df.callActivityWithRetry('throwsCycle', new df.RetryOptions(1, Infinity));
    },
    bigSignal: function* (context) {
      context.df.signalEntity(new df.EntityId('counter', 'k'), 'add', 1n);
      yield context.df.callActivity('echo', 1);
    },
    bigNext: function* (context) {
      yield context.df.callActivity('echo', 1);
      context.df.continueAsNew({ amount: 1n });
    },
    catchesCycle: function* (context) {
      try {
        yield context.df.callActivity('throwsCycle');
      } catch (error) {
        return (error as Error).message.split('\n')[0];
      }
      return 'did not fail';
    },
    result: function* (context) {
      return (yield context.df.callActivity('answersFunction')) as unknown;
    },
    input: function* (context) {
      return (yield context.df.callActivity('echo', nothingForJson)) as unknown;
    },
    childInput: function* (context) {
      return (yield context.df.callSubOrchestrator('input', nothingForJson)) as unknown;
    },
    childOutput: function* (context) {
      return (yield context.df.callSubOrchestrator('output')) as unknown;
    },
    output: function* (context) {
      yield context.df.callActivity('echo', 1);
      return nothingForJson;
    },
    status: function* (context) {
      context.df.setCustomStatus(nothingForJson);
      return (yield context.df.callActivity('echo', 1)) as unknown;
    },
  };
  for (const [name, handler] of Object.entries(scenarios)) df.app.orchestration(name, handler);
});

afterEach(cleanUp);

test.each([
  ['noDate', 'cannot be written down: RangeError'],
  ['noInterval', "the retry options of 'throwsCycle' (sequence number 0)"],
  ['noEnd', "the retry options of 'throwsCycle' (sequence number 0)"],
  ['bigSignal', 'cannot be written down: TypeError'],
  ['bigNext', 'cannot be written down: TypeError'],
])('%s fails that instance, which says: %s', async (orchestrator, why) => {
  const { start, settled } = await openEngine();
  const { runtimeStatus, output } = await settled(await start(orchestrator));
  expect([runtimeStatus, output]).toEqual(['Failed', expect.stringContaining(why)]);
});

test('an activity that throws a cycle fails, and its caller may go on', async () => {
  const { start, settled } = await openEngine();
  const { output } = await settled(await start('catchesCycle'));
  expect(output).toContain("Activity function 'throwsCycle' failed: <ref *1> { itself: [Circular *1] }");
});

test.each([
  ['result', null],
  ['input', 'no input'],
  ['childInput', 'no input'],
  ['childOutput', null],
  ['output', null],
  ['status', 1],
])(
  'a value that JSON has no text for is left out as %s, and the history can be read',
  async (orchestrator, output) => {
    const { start, settled } = await openEngine();
    expect(await settled(await start(orchestrator))).toMatchObject({
      ...{ runtimeStatus: 'Completed', output, customStatus: null },
      historyEvents: expect.any(Array) as unknown,
    });
  },
);
