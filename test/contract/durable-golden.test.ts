// The recorded app (test/golden/durable/app.cjs, unmodified) on the local engine, compared with the recordings of the
// real host: every trigger and answer in order and with key order, every management call, the final status and history.
import {
  cleanUp,
  gate,
  JSON_BODY,
  openEngine,
  type Harness,
  type StatusBody,
  until,
} from '../support/durable-harness';
import {
  exchanges,
  localCall,
  normalise,
  readGolden,
  recordedCall,
  repeat,
  scenarios,
  type Recording,
} from '../support/durable-golden';

interface Difference {
  readonly not: readonly ('replays' | 'status')[];
  /** The history is compared without its order. */
  readonly anyOrder?: boolean;
  readonly why: string;
}

/** Where the local engine may differ, scenario by scenario, and why. Nothing else may. */
const PERMITTED: Readonly<Record<string, Difference>> = {
  fanout: { not: ['replays'], anyOrder: true, why: 'how many results share a replay is timing' },
  fanoutFail: { not: ['replays'], anyOrder: true, why: 'in what order parallel activities end is timing' },
  missingActivity: { not: ['status'], why: 'kinder: on the platform the instance stays Running for ever' },
  nondetName: {
    not: ['replays', 'status'],
    why: 'kinder: the platform still runs the wrong activity, and then cannot show the history (400)',
  },
  types_type: { not: ['status'], why: 'Json.NET drops the key $type; here JSON is JSON' },
  typesAct_type: { not: ['replays', 'status'], why: 'Json.NET drops the key $type; here JSON is JSON' },
  typesAct_bignum: { not: ['replays', 'status'], why: 'the gRPC worker protocol overflows 64-bit integers' },
};

/** The longest that a scenario waits for a timer. */
const LAST_TIMER_MS = 10_000;

beforeAll(() => {
  jest.requireActual('../golden/durable/app.cjs');
});

afterEach(cleanUp);

/** Repeats a recorded scenario to its recorded end; returns the final status. */
async function rerun(recording: Recording, harness: Harness, endSlow: () => void): Promise<StatusBody> {
  const { startBody, orchestrator } = recording;
  const input = startBody === null || startBody === '' ? '' : startBody;
  const started = await harness.call('POST', `/orchestrators/${orchestrator}`, input, JSON_BODY);
  const { id } = started.body as { id: string };
  for (const exchange of exchanges(recording.ops)) {
    await quiet(harness, id);
    if (exchange.status === 200) {
      endSlow();
      await harness.engine.idle();
    }
    const answer = await repeat(harness, exchange, [id]);
    expect([exchange.request.path, answer.status]).toEqual([exchange.request.path, exchange.status]);
  }
  await quiet(harness, id);
  endSlow();
  await harness.engine.idle();
  const dueMs = harness.clock.nextDueMs();
  if (dueMs !== undefined && dueMs - harness.clock.now() <= LAST_TIMER_MS)
    harness.clock.advance(LAST_TIMER_MS);
  return harness.settled(id);
}

/** Waits until nothing but a slow activity is going on. */
async function quiet({ engine, invocations }: Harness, id: string): Promise<void> {
  const isQuiet = (): boolean =>
    engine.unfinished(id)?.busy !== true &&
    invocations.every((call) => call.name === 'slow' || 'returned' in call || 'thrown' in call);
  await new Promise(setImmediate);
  await until(isQuiet);
}

async function openRecorded(): Promise<{ harness: Harness; endSlow: () => void }> {
  const { opened, open } = gate<boolean>();
  const slow = async (ms: string | undefined): Promise<number> => {
    await opened;
    return Number(ms);
  };
  return { harness: await openEngine({ activities: { slow } }), endSlow: () => open(true) };
}

/** The status as text, because key order counts; the history's events one by one. */
function statusLines(status: unknown, anyOrder = false): string[] {
  const { historyEvents = [], ...rest } = status as StatusBody;
  const events = historyEvents.map((event) => JSON.stringify(normalise(event)));
  return [JSON.stringify(normalise(rest)), ...(anyOrder ? events.sort() : events)];
}

describe.each(scenarios(/./))('%s', (name) => {
  const recording = readGolden(name) as Recording;
  const { not, why, anyOrder }: Difference = PERMITTED[name] ?? { not: [], why: '' };

  test(`runs as recorded${why === '' ? '' : ` (except: ${why})`}`, async () => {
    const { harness, endSlow } = await openRecorded();
    const status = await rerun(recording, harness, endSlow);
    if (!not.includes('status')) {
      expect(statusLines(status, anyOrder)).toEqual(statusLines(recording.statusFinal.body, anyOrder));
    }
    if (!not.includes('replays')) {
      expect(harness.invocations.map(localCall)).toEqual(recording.replays.map(recordedCall));
    }
  });
});

test("a failed activity's details have the keys of the recorded .NET exception", async () => {
  const keysOf = (details: unknown): string[] =>
    Object.entries(JSON.parse(details as string) as Record<string, unknown>).flatMap(([key, value]) => [
      key,
      ...(typeof value === 'object' && value !== null
        ? Object.keys(value).map((inner) => `${key}.${inner}`)
        : []),
    ]);
  const { harness, endSlow } = await openRecorded();
  const recording = readGolden('failUncaught') as Recording;
  const local = await rerun(recording, harness, endSlow);
  const failure = (status: unknown) =>
    (status as StatusBody).historyEvents?.find((event) => event['EventType'] === 'TaskFailed')?.['Details'];
  expect(keysOf(failure(local))).toEqual(keysOf(failure(recording.statusFinal.body)));
});
