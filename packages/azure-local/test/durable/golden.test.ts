// The recorded app (test/golden/durable/app.cjs, unmodified) on the local engine, compared with the recordings of the
// real host: every trigger and answer in order and with key order, every management call, the final status and history.
import {
  cleanUp,
  gate,
  JSON_BODY,
  openHub,
  type HubHarness,
  type Invocation,
  type StatusBody,
  until,
} from '../../testing/durable-harness';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PERMITTED, type Difference } from '../../testing/durable-differences';
import { serveRecorded, type RecordedServer } from '../support/durable-http';
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

/** The longest that a scenario waits for a timer. */
const LAST_TIMER_MS = 10_000;

let root: string;
let server: RecordedServer;

beforeAll(async () => {
  jest.requireActual('../golden/durable/app.cjs');
  jest.requireActual('../golden/durable/more.cjs');
  root = mkdtempSync(path.join(tmpdir(), 'durable-golden-'));
  server = await serveRecorded();
});

afterEach(cleanUp);

afterAll(() => {
  server.close();
  rmSync(root, { recursive: true });
});

/** Repeats a recorded scenario to its recorded end; returns the final status. */
async function rerun(recording: Recording, harness: HubHarness, endSlow: () => void): Promise<StatusBody> {
  const { startBody, orchestrator } = recording;
  const input = startBody === null || startBody === '' ? '' : jsonOf(startBody.replace('<root>', root));
  const started = await harness.call('POST', `/orchestrators/${orchestrator}`, input, JSON_BODY);
  const { id } = started.body as { id: string };
  const ids = [id];
  for (const exchange of exchanges(recording.ops)) {
    await quiet(harness, id);
    if (exchange.request.path.includes('/rewind')) raiseFlag(startBody ?? '');
    if (exchange.status === 200) {
      endSlow();
      await harness.engine.idle();
    }
    const answer = await repeat(harness, exchange, ids);
    expect([exchange.request.path, answer.status]).toEqual([exchange.request.path, exchange.status]);
    const restarted = (answer.body as { id?: string } | undefined)?.id;
    if (restarted !== undefined && restarted !== id) ids.push(restarted);
  }
  await quiet(harness, id);
  endSlow();
  await harness.engine.idle();
  await letTimersFire(harness);
  return harness.settled(id);
}

/** The recorded starter took what is no JSON for a text. */
function jsonOf(body: string): string {
  try {
    JSON.parse(body);
    return body;
  } catch {
    return JSON.stringify(body);
  }
}

/** The recorded `failUnlessFlag` succeeds from now on. */
const raiseFlag = (startBody: string): void => writeFileSync(startBody.replace('<root>', root), '');

/** Moves the clock to each timer that a recorder would have waited for. */
async function letTimersFire({ clock, engine }: HubHarness): Promise<void> {
  for (;;) {
    const waitMs = (clock.nextDueMs() ?? Number.POSITIVE_INFINITY) - clock.now();
    if (waitMs > LAST_TIMER_MS) return;
    clock.advance(waitMs);
    await engine.idle();
  }
}

/** The recorder kept a call when it told of the scenario's instance. */
const wasRecorded = ({ triggerData, instanceId }: Invocation, id: string): boolean =>
  `${instanceId} ${triggerData ?? ''}`.includes(id);

/** Waits until nothing but a slow activity is going on. */
async function quiet({ engine, invocations }: HubHarness, id: string): Promise<void> {
  const isQuiet = (): boolean =>
    engine.unfinished(id)?.busy !== true &&
    invocations.every((call) => call.name === 'slow' || 'returned' in call || 'thrown' in call);
  await new Promise(setImmediate);
  await until(isQuiet);
}

async function openRecorded(): Promise<{ harness: HubHarness; endSlow: () => void }> {
  const { opened, open } = gate<boolean>();
  const slow = async (ms: string | undefined): Promise<number> => {
    await opened;
    return Number(ms);
  };
  const { callHttp } = server;
  return { harness: await openHub({ activities: { slow }, callHttp }), endSlow: () => open(true) };
}

const text = (value: unknown): string => JSON.stringify(normalise(value)).replaceAll(root, '<root>');

/** The status as text, because key order counts; the history's events one by one. */
function statusLines(status: StatusBody, { anyOrder = false, without }: Partial<Difference>): string[] {
  const { historyEvents = [], ...rest } = status;
  const isLeftOut = historyEvents.at(-2)?.['EventType'] === without;
  const events = (
    isLeftOut ? [...historyEvents.slice(0, -2), ...historyEvents.slice(-1)] : historyEvents
  ).map(text);
  return [text(rest), ...(anyOrder ? events.sort() : events)];
}

/** The recorded end and the local one; without the history where the platform cannot show it. */
function ends({ statusFinal, statusFinalPlain }: Recording, local: StatusBody): [StatusBody, StatusBody] {
  if (statusFinal.status !== 400) return [statusFinal.body as StatusBody, local];
  const { historyEvents, ...shown } = local;
  return [statusFinalPlain.body as StatusBody, shown];
}

describe.each(scenarios(/./))('%s', (name) => {
  const recording = readGolden(name) as Recording;
  const difference: Difference = PERMITTED[name] ?? { not: [], why: '' };
  const { not, why } = difference;

  test(`runs as recorded${why === '' ? '' : ` (except: ${why})`}`, async () => {
    const { harness, endSlow } = await openRecorded();
    const status = await rerun(recording, harness, endSlow);
    if (!not.includes('status')) {
      const [recorded, local] = ends(recording, status);
      expect(statusLines(local, difference)).toEqual(statusLines(recorded, difference));
    }
    if (!not.includes('replays')) {
      const calls = harness.invocations.filter((call) => wasRecorded(call, status.instanceId));
      expect(calls.map((call) => localCall(call).replaceAll(root, '<root>'))).toEqual(
        recording.replays.map(recordedCall),
      );
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
