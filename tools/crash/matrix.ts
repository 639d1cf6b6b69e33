// Crash matrix: plays scenarios undisturbed, derives the crash points from the recordings, packs them into waves and
// plays those against each victim. `npm run test:crash` plays all of it, the test suite a sample.
import { DEMO_OPERATOR_TOKEN } from '../../local/demo/system-client';
import type { StorageMode } from 'azure-local/durable/hub';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { AS_WITHOUT, judge, NOT_ASKED, type PointResult } from './judge';
import type { SagaMode } from './modes';
import { packed } from './packing';
import { crashPoints, type CrashPoint, type Victim } from './points';
import { recordScenarios, type Recording } from './recording';
import type { Scenario } from './scenarios';
import { APPROVAL_LIMIT, crashSystem, type CrashSystem } from './system';
import { playWave, type FeedPoint, type Wave } from './wave';
import { openOrderQueue } from '../../test/support/order-queue';
import { storageArgs } from 'azure-local/testing/storage-args';

export interface MatrixOptions {
  readonly storage: StorageMode;
  /** In which all orders begin; as an orchestration unless given. */
  readonly mode?: SagaMode;
  /** All of one kind (ON_ONE_SYSTEM). */
  readonly scenarios: readonly Scenario[];
  readonly victims: readonly Victim[];
  /** Which of the points of one scenario are played. */
  readonly choose: (points: readonly CrashPoint[], victim: Victim) => readonly CrashPoint[];
  /** Says how far it is. */
  readonly say: (line: string) => void;
}

export interface MatrixResult {
  readonly recordings: readonly Recording[];
  readonly pointResults: readonly PointResult[];
}

/** Working time of a saga that is to run out of it: longer than a restart takes on a busy machine. */
const SHORT_MINUTES = '0.15';

/** Long enough for a wave to come together while it is waited for. */
const SHORT_APPROVAL_MINUTES = '0.1';

/** A saga takes one of these while it stands in a call or a write; host.json has 64 activities and 32 sessions. */
const STANDING_AT_ONCE: Readonly<Record<SagaMode, number>> = { orchestration: 56, choreography: 28 };

const STEPS = [
  ...['ReserveInventory', 'ApplyCoupon', 'ProcessPayment', 'ApproveOrder'],
  ...['CreateShipment', 'ConfirmInventory'],
];

const SETTINGS_OF_MODE: Readonly<Record<SagaMode, Readonly<Record<string, string>>>> = {
  // Longer than an order whose saga is not started yet stands before the kill.
  orchestration: { 'OrderProcessing:ReconcileAfterSeconds': '4' },
  // Longer than any order stands: a message of the reconciler would take it on, as would a step that runs out of time.
  choreography: {
    'OrderProcessing:SagaMode': 'choreography',
    'OrderProcessing:ReconcileAfterSeconds': '25',
    'OrderProcessing:StepTimeoutSeconds': STEPS.map((step) => `${step}=30`).join(','),
  },
};

/** Starts a system, plays everything, ends it. */
export async function playMatrix(options: MatrixOptions): Promise<MatrixResult> {
  const { storage, mode = 'orchestration', scenarios, victims, choose, say } = options;
  const system = await startSystem({ settings: settingsFor(scenarios, mode), args: storageArgs(storage) });
  try {
    const { recordings, feed } = await recordAll(system, scenarios);
    say(`recorded ${recordings.length} scenarios without a crash`);
    const nextFeed = inTurn(feed.filter(({ container }) => !carriesOn(mode, container)));
    const pointResults: PointResult[] = [];
    for (const victim of victims) {
      const points = recordings.flatMap((recording) =>
        choose(crashPoints(recording, victim, storage), victim),
      );
      pointResults.push(
        ...(await playAgainst(victim, points, {
          system,
          recordings,
          nextFeed,
          standingAtOnce: STANDING_AT_ONCE[mode],
          say,
        })),
      );
    }
    return { recordings, pointResults };
  } finally {
    await system.stop();
  }
}

function settingsFor(scenarios: readonly Scenario[], mode: SagaMode): Readonly<Record<string, string>> {
  return {
    ...SETTINGS_OF_MODE[mode],
    'OrderProcessing:BreakerOpenSeconds': '0.2',
    'OrderProcessing:OperatorToken': DEMO_OPERATOR_TOKEN,
    'OrderProcessing:ApprovalLimit': APPROVAL_LIMIT,
    ...(scenarios.some(({ shortOfTime }) => shortOfTime)
      ? {
          'OrderProcessing:SagaTimeoutMinutes': SHORT_MINUTES,
          // Orders that run out of time at the same moment open a breaker for each other's refunds.
          'OrderProcessing:CompensationMaxAttempts': '3',
        }
      : {}),
    ...(scenarios.some(({ shortOfPatience }) => shortOfPatience === true)
      ? { 'OrderProcessing:ApprovalTimeoutMinutes': SHORT_APPROVAL_MINUTES }
      : {}),
  };
}

/** Plays every scenario twice: what is written for the first orders of a day is not written for later ones. */
async function recordAll(
  running: RunningSystem,
  scenarios: readonly Scenario[],
): Promise<{ recordings: readonly Recording[]; feed: readonly FeedPoint[] }> {
  const system = crashSystem(running);
  const queue = openOrderQueue(running.urls.servicebus);
  try {
    const [first] = scenarios;
    if (first !== undefined) await recordScenarios({ system, queue }, [first], 'first');
    await system.forgetCounts();
    const recordings = await recordScenarios({ system, queue }, scenarios, 'undisturbed');
    return { recordings, feed: await feedPoints(system) };
  } finally {
    await queue.close();
  }
}

const WRITES = ['create', 'upsert', 'replace', 'delete', 'patch', 'batch'];

/** Containers that are written before an order is there: while such a write is held, none comes to its point. */
const BEFORE_AN_ORDER = ['orders', 'keys'];

/** Every kind of write that was counted in a container that follows the orders, the same in whichever order they were counted. */
async function feedPoints(system: CrashSystem): Promise<readonly FeedPoint[]> {
  const counts = await system.counts();
  return Object.entries(counts)
    .filter(([container]) => !BEFORE_AN_ORDER.includes(container))
    .sort(([one], [other]) => one.localeCompare(other))
    .flatMap(([container, kinds]) =>
      Object.keys(kinds)
        .sort()
        .map((operation) => ({ container, operation })),
    )
    .filter(({ operation }) => WRITES.includes(operation))
    .flatMap((write) => (['arrival', 'answer'] as const).map((moment) => ({ ...write, moment })));
}

/** In choreography no order goes on while the relay stands at its lease. */
const carriesOn = (mode: SagaMode, container: string): boolean =>
  mode === 'choreography' && container === 'leases';

function inTurn(feed: readonly FeedPoint[]): () => FeedPoint | null {
  let given = 0;
  return () => feed[given++ % Math.max(feed.length, 1)] ?? null;
}

interface Playing {
  readonly system: RunningSystem;
  readonly recordings: readonly Recording[];
  /** The feed's point for the next wave, over all victims. */
  readonly nextFeed: () => FeedPoint | null;
  readonly standingAtOnce: number;
  readonly say: (line: string) => void;
}

/** How often a point is played at which no order stood: far fewer orders at once come far closer together. */
const TRIES = 4;

/** Plays every point against one victim until an order stood at it; a wave holds one of the feed's points, in turn. */
async function playAgainst(
  victim: Victim,
  points: readonly CrashPoint[],
  { system, recordings, nextFeed, standingAtOnce, say }: Playing,
): Promise<readonly PointResult[]> {
  const pointResults: PointResult[] = [];
  let left = points;
  for (let tried = 1; left.length > 0 && tried <= TRIES; tried += 1) {
    const missed: PointResult[] = [];
    for (const [index, together] of packed(left, standingAtOnce / tried ** 2).entries()) {
      const name = `${victim}-${tried}-${index}`;
      const wave = { name, victim, points: together, feed: nextFeed() };
      const judged = await playWave(system, wave, (crashed, after) =>
        judge(system, after, crashed, recordings, victim),
      ).catch((error: unknown) => together.map((point) => failedResult(point, victim, error)));
      say(progressLine(wave, judged));
      pointResults.push(...judged.filter((result) => result.missed === null));
      missed.push(...judged.filter((result) => result.missed !== null));
    }
    left = missed.map(({ point }) => point);
    if (tried === TRIES) pointResults.push(...missed.map(neverMet));
  }
  return pointResults;
}

export const isWrong = ({ problems }: PointResult): boolean => problems.length > 0;

/** A wave that comes to no end says so at each of its points, and the others are played all the same. */
const failedResult = (point: CrashPoint, victim: Victim, error: unknown): PointResult => ({
  ...{ ...NOT_ASKED, point, victim, missed: null, end: 'none' },
  problems: [`its wave failed: ${String(error).slice(0, ERROR_SHOWN)}`],
});
const ERROR_SHOWN = 500;

const neverMet = (result: PointResult): PointResult => ({
  ...result,
  problems: [`no order stood at this point in ${TRIES} tries: ${result.missed ?? ''}`],
});

function progressLine({ name, points, feed }: Wave, judged: readonly PointResult[]): string {
  const besides = feed === null ? '' : ` and ${feed.container} ${feed.operation} (${feed.moment})`;
  const met = judged.filter(({ missed }) => missed === null);
  const missed = judged.flatMap(({ point, missed: why }) =>
    why === null ? [] : [`missed: ${point.title}: ${why}`],
  );
  const wrong = met
    .filter(isWrong)
    .map(({ point, problems }) => `wrong: ${point.title}: ${problems.join('; ')}`);
  const otherwise = met.filter(({ end }) => end !== AS_WITHOUT).length;
  return [
    `${name}: killed at ${points.length} points${besides}: ${missed.length} to be repeated, ${otherwise} with another end, ${wrong.length} wrong`,
    ...missed,
    ...wrong,
  ].join('\n      ');
}
