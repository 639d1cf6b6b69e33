// A second, small saga on the same interpreter: a step that waits for a person, which the order saga does not have yet.
import * as df from 'durable-functions';
import type { Failure } from '../../src/domain/order-events';
import type {
  Answer,
  SagaDefinition,
  StepInput,
  StepOutcome,
  StepOutput,
} from '../../src/saga/engine/definition';
import { runSaga } from '../../src/saga/engine/interpreter';
import type { SagaInput } from '../../src/saga/engine/saga-run';
import { runtimeOf } from '../../src/saga/order/order-saga.orchestrator';
import { cleanUp, openEngine, type Harness } from 'azure-local/testing/durable-harness';

/** The stream: names of activities that are done, and how the saga went back. */
type Fact = string | Failure;
interface Told {
  readonly sequence: number;
  readonly fact: Fact;
}
interface State {
  readonly facts: readonly Fact[];
}
interface Types {
  readonly state: State;
  readonly fact: Fact;
  readonly event: Told;
  readonly result: string;
}
type Input = StepInput<Types>;

const WORKING_TIME_MS = 90_000;
const PATIENCE_MS = 60 * 60_000;

const LONG_PAUSES = { firstDelayMs: 10 * 60_000, maxDelayMs: 10 * 60_000 };

const row = {
  retry: { maxAttempts: 3, firstDelayMs: 1, factor: 1, maxDelayMs: 1 },
  timeoutMs: 1_000,
  failureCode: 'X',
};
const call = (name: string): { name: string; payload: () => object } => ({ name, payload: () => ({}) });
const failed = (): string => 'failed';
const has = ({ facts }: State, ...names: readonly string[]): boolean =>
  names.some((name) => facts.includes(name));
const definition: SagaDefinition<Types> = {
  steps: [
    { ...row, invoke: call('Prepare'), compensate: call('Unprepare'), failed },
    { ...row, invoke: call('AskSomebody'), failed },
    { ...row, invoke: call('Deliver'), pivot: true, failed, retry: { ...row.retry, ...LONG_PAUSES } },
  ],
  end: call('End'),
  compensationRetry: row.retry,
  evolve: ({ facts }, { fact }) => ({ facts: [...facts, fact] }),
  versionOf: ({ facts }) => facts.length,
  knows: () => true,
  notBeforeMs: () => null,
  started: () => 'started',
  isStarted: () => true,
  isEnded: (state) => has(state, 'Deliver', 'End'),
  doneEntries: (state) => ['Prepare', 'AskSomebody', 'Deliver'].filter((step) => has(state, step)),
  passedEntries: () => [],
  undoneEntries: (state) => (has(state, 'Unprepare') ? ['Prepare'] : []),
  givenUpEntries: () => [],
  failedEntry: () => null,
  lastErrorOf: () => null,
  goesBack: ({ facts }) => facts.find((fact) => typeof fact !== 'string') ?? null,
  cancelRequested: () => false,
  compensationStarted: (failure) => failure,
  compensationFailed: () => 'given up',
  result: ({ facts }, failure) =>
    [...facts.filter((fact) => typeof fact === 'string'), failure?.kind ?? 'completed'].join(' '),
};

/** The answers that AskSomebody got. */
let answers: Answer[] = [];
/** How the other activities behave in this test. */
let current: Harness | undefined;
let act: (name: string) => StepOutcome = () => ({ kind: 'done', value: null });

/** What makes a step that nobody has answered wait once more. */
let meanwhile: (() => Promise<unknown>) | undefined;

/** Asks once, then goes by the answer. */
async function ask({ answer }: Input): Promise<StepOutcome> {
  if (answer === null)
    return { kind: 'waiting', signal: 'approval', untilMs: (current?.clock.now() ?? 0) + PATIENCE_MS };
  answers.push(answer);
  if (answer.kind === 'nobody' && meanwhile !== undefined) {
    await meanwhile();
    meanwhile = undefined;
    return { kind: 'waiting', signal: 'approval', untilMs: (current?.clock.now() ?? 0) + PATIENCE_MS };
  }
  return answer.kind === 'signal' && answer.payload === 'yes'
    ? { kind: 'done', value: null }
    : { kind: 'refused', detailCode: 'NOT_APPROVED', reason: answer.kind };
}

beforeAll(() => {
  for (const name of ['Prepare', 'Unprepare', 'AskSomebody', 'Deliver', 'End']) {
    df.app.activity(name, {
      handler: async (input: Input): Promise<StepOutput<Types>> => {
        const startedMs = current?.clock.now() ?? 0;
        const outcome: StepOutcome = name === 'AskSomebody' ? await ask(input) : act(name);
        const told = [...input.facts, ...(outcome.kind === 'done' ? [name] : [])];
        const version = input.state.facts.length;
        return {
          key: input.key,
          outcome,
          recorded: input.facts,
          events: told.map((fact, index) => ({ fact, sequence: version + index + 1 })),
          etag: '',
          version: version + told.length,
          spentMs: (current?.clock.now() ?? 0) - startedMs,
        };
      },
    });
  }
  df.app.orchestration('WaitingSaga', function* (context) {
    const input = context.df.getInput<SagaInput<Types>>();
    return yield* runSaga(definition, runtimeOf(context.df), input) as Generator<df.Task, unknown>;
  });
});
afterEach(cleanUp);

/** What activities do besides being done. */
type Actions = Readonly<Record<string, (harness: Harness) => StepOutcome | undefined>>;

async function asked(actions: Actions = {}): Promise<{ harness: Harness; id: string }> {
  const harness = await openEngine();
  answers = [];
  current = harness;
  act = (name) => actions[name]?.(harness) ?? { kind: 'done', value: null };
  const input: SagaInput<Types> = {
    sagaId: 's',
    state: { facts: [] },
    etag: '',
    workingTimeMs: WORKING_TIME_MS,
    waitForOutages: true,
  };
  const id = await harness.start('WaitingSaga', input);
  await harness.settled(id);
  return { harness, id };
}

describe('a saga that waits for a person', () => {
  test('S8: is not timed out while it waits, and goes on with the answer', async () => {
    const { harness, id } = await asked();
    harness.clock.advance(WORKING_TIME_MS * 3);
    expect((await harness.settled(id)).runtimeStatus).toBe('Running');
    await harness.raise(id, 'approval', 'yes');
    expect(await harness.settled(id)).toMatchObject({
      runtimeStatus: 'Completed',
      output: 'Prepare AskSomebody Deliver completed',
    });
    expect(answers).toEqual([{ kind: 'signal', payload: 'yes' }]);
    expect(harness.clock.nextDueMs()).toBeUndefined();
  });

  test('S8: has as much working time left after the wait as it had before', async () => {
    const { harness, id } = await asked({
      Prepare: ({ clock }) => {
        clock.advance(WORKING_TIME_MS - 60_000);
        return undefined;
      },
      Deliver: () => ({ kind: 'transient', outage: 'service', error: { code: 'AWAY', message: 'away' } }),
    });
    harness.clock.advance(WORKING_TIME_MS);
    await harness.raise(id, 'approval', 'yes');
    expect((await harness.settled(id)).runtimeStatus).toBe('Running');
    harness.clock.advance(60_000 - 1);
    expect((await harness.settled(id)).runtimeStatus).toBe('Running');
    harness.clock.advance(1);
    expect(await harness.settled(id)).toMatchObject({
      runtimeStatus: 'Completed',
      output: 'Prepare AskSomebody Unprepare End timedOut',
    });
  });

  test('takes back what was done when the answer is no', async () => {
    const { harness, id } = await asked();
    await harness.raise(id, 'approval', 'no');
    expect((await harness.settled(id)).output).toBe('Prepare failed Unprepare End failed');
  });

  test('is told when nobody answered in time', async () => {
    const { harness, id } = await asked();
    harness.clock.advance(PATIENCE_MS);
    expect((await harness.settled(id)).output).toBe('Prepare failed Unprepare End failed');
    expect(answers).toEqual([{ kind: 'nobody' }]);
  });

  test('S22: hears a signal that comes while it is asked whether to wait on', async () => {
    const { harness, id } = await asked();
    meanwhile = () => harness.raise(id, 'approval', 'yes');
    harness.clock.advance(PATIENCE_MS);
    expect((await harness.settled(id)).output).toBe('Prepare AskSomebody Deliver completed');
    expect(answers).toEqual([{ kind: 'nobody' }, { kind: 'signal', payload: 'yes' }]);
  });

  test('S7: is cancelled at once, and nobody is asked again', async () => {
    const { harness, id } = await asked();
    await harness.raise(id, 'cancel', {});
    expect((await harness.settled(id)).output).toBe('Prepare Unprepare End cancelled');
    expect(answers).toEqual([]);
    expect(harness.clock.nextDueMs()).toBeUndefined();
  });
});
