// Runner of one chaos run from start to result, which comes in any case: every wait has its limit.
import { startChaosSystem, type ChaosSystem } from './chaos-system';
import { collectFacts, type Known, type Level } from './collect';
import { ECHO_PRODUCT, NEWEST_ON_HAND, repeatDeliveries } from './deliveries';
import { createDisturber } from './disturber';
import type { Facts, Violation } from './facts';
import { judge } from './invariants';
import { wornOut } from './invariants-orders';
import { ask, mustAnswer, pause, putJson, within } from './http-client';
import { STOCK, type Plan } from './plan';
import { countsText } from './outcome';
import { lettersOf } from './peek';
import { createRandom } from './random';
import { createSender, type Sender } from './sender';

export interface ChaosResult {
  readonly violations: readonly Violation[];
  /** Undefined when nothing could be read to the end. */
  readonly facts: Facts | undefined;
  readonly dataDir: string;
  /** Disturbances that were caused, by kind. */
  readonly counts: Readonly<Record<string, number>>;
  /** From the first order to the result. */
  readonly seconds: number;
}

export interface RunOptions {
  /** How long everything may take to come to rest after the last disturbance. */
  readonly drainMs: number;
  /** How much longer than planned the disturbances may take: kills wait for a slow machine. */
  readonly lateMs?: number;
  /** How long one look may take: ten thousand orders are a hundred thousand documents. */
  readonly lookMs?: number;
  /** A line on the terminal, every few seconds. */
  readonly say: (line: string) => void;
}

const SAY_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 1_000;
const LATE_MS = 300_000;
/** A restart on a machine with other work; there are kills of three kinds. */
const LATE_PER_KILL_MS = 3 * 20_000;
const LOOK_WITHIN_MS = 300_000;
/** What a client that is to give up may still wait for. */
const GIVING_UP_MS = 60_000;

/** Plays `plan` on a system of its own, whose data stay. */
export async function runPlan(plan: Plan, options: RunOptions): Promise<ChaosResult> {
  // Other ports at each run: the last system of a shrinking may still hold its own.
  const system = await startChaosSystem(createRandom(Date.now(), 'ports'), plan);
  return playOn(system, plan, options);
}

/**
 * Plays `plan` on `system`, and ends it. Comes to a result in any case: what is not right when the time is up is a
 * violation, and so is a system that does not come back or cannot be read.
 */
export async function playOn(system: ChaosSystem, plan: Plan, options: RunOptions): Promise<ChaosResult> {
  const { drainMs, say, lateMs = LATE_MS + plan.kills * LATE_PER_KILL_MS } = options;
  const startedMs = performance.now();
  const sender = createSender(plan.placed, system.urls);
  const disturber = createDisturber(system);
  const progress = setInterval(() => {
    const answered = sender.sent.filter((one) => one.taken.length + one.refused.length > 0).length;
    say(
      `${secondsSince(startedMs)} s: ${answered} of ${plan.placed.length} taken or refused, ${sender.open.size} clients at it; ${countsText(disturber.counts)}`,
    );
  }, SAY_EVERY_MS);
  const patience = new AbortController();
  const troubles: Violation[] = [];
  const inTime = async <T>(invariant: string, ms: number, work: Promise<T>): Promise<T | undefined> => {
    try {
      return await within(ms, work);
    } catch (error) {
      troubles.push({ invariant, says: String(error) });
      return undefined;
    }
  };
  const deadlines: NodeJS.Timeout[] = [];
  const giveUpIn = (ms: number): void => {
    deadlines.push(setTimeout(() => patience.abort(), ms));
  };
  giveUpIn(plan.durationMs + lateMs + drainMs);
  try {
    const supplied = await inTime('the warehouse can be filled', lateMs, supply(system, patience.signal));
    const sending = sender.run(patience.signal);
    await inTime(
      'the system comes back from every disturbance',
      plan.durationMs + lateMs,
      disturber.play(plan),
    );
    disturber.end();
    say('no more disturbances: everything has to come to rest');
    giveUpIn(drainMs);
    await inTime('every client comes to its end', drainMs + GIVING_UP_MS, sending);
    say(`${secondsSince(startedMs)} s: every client is done; waiting for everything else`);
    const known = { sent: sender.sent, supplied: supplied ?? {}, published: {} };
    const lookMs = options.lookMs ?? LOOK_WITHIN_MS;
    const looking = { system, sender, signal: patience.signal, lookMs, say };
    const facts = await inTime(
      'what the system holds can be read',
      drainMs + 2 * lookMs + GIVING_UP_MS,
      atRest(looking, known, plan),
    );
    const violations = [...troubles, ...(facts === undefined ? [] : judge(facts))];
    const seconds = secondsSince(startedMs);
    return { violations, facts, dataDir: system.dataDir, counts: disturber.counts, seconds };
  } finally {
    patience.abort();
    deadlines.forEach(clearTimeout);
    clearInterval(progress);
    await inTime('it can be stopped', GIVING_UP_MS, sender.close());
    await inTime('it can be stopped', GIVING_UP_MS, system.stop());
  }
}

const secondsSince = (startedMs: number): number => Math.round((performance.now() - startedMs) / 1_000);

interface Looking {
  readonly system: ChaosSystem;
  readonly sender: Sender;
  /** Ends when the time is up. */
  readonly signal: AbortSignal;
  readonly lookMs: number;
  readonly say: (line: string) => void;
}

/** Looks until nothing is wrong any more, or time is up; then stock is counted anew, and its echo has to follow. */
async function atRest(looking: Looking, known: Known, plan: Plan): Promise<Facts> {
  const before = await lookUntilRight(looking, known);
  if (judge(before).length > 0) return before;
  const { supplied, published } = await recount(looking.system, known.supplied, looking.signal);
  const repeats = plan.disturbances.find((disturbance) => disturbance.kind === 'deliveries');
  const hasMessages = repeats !== undefined && (await repeatDeliveries(looking.system.urls, repeats));
  const news = !hasMessages ? {} : { [ECHO_PRODUCT]: NEWEST_ON_HAND };
  return lookUntilRight(looking, { ...known, supplied, published: { ...published, ...news } });
}

/** The first facts with which nothing is wrong, or the last ones before the time was up. */
async function lookUntilRight(looking: Looking, known: Known): Promise<Facts> {
  const { system, signal, lookMs, say } = looking;
  let last: Facts | undefined;
  for (;;) {
    await sagasAtRest(system, signal);
    const startedMs = performance.now();
    try {
      last = await within(lookMs, collectFacts(system, known, AbortSignal.timeout(lookMs)));
      await takeUpWornOut(looking, last);
    } catch (error) {
      if (signal.aborted && last === undefined) throw error;
      say(`a look failed: ${String(error)}`);
    }
    const wrong = last === undefined ? [] : judge(last);
    if (last !== undefined && (signal.aborted || wrong.length === 0)) return last;
    const [first] = wrong;
    say(
      `looked for ${secondsSince(startedMs)} s; ${wrong.length} not right yet${first === undefined ? '' : `, as: ${first.invariant}: ${first.says}`}`,
    );
    // A look reads everything: looking all the time would keep the system from coming to rest.
    await pause(Math.max(LOOK_EVERY_MS, performance.now() - startedMs));
  }
}

async function takeUpWornOut({ system, sender, signal }: Looking, facts: Facts): Promise<void> {
  const waiting = wornOut(facts);
  if (waiting.size > 0) await sender.takeUp(await lettersOf(system.urls.servicebus, waiting), signal);
}

/** Resolves when no saga runs any more, which is asked cheaply, or when `signal` ends. */
async function sagasAtRest({ urls }: ChaosSystem, signal: AbortSignal): Promise<void> {
  const running = `${urls.api}/runtime/webhooks/durabletask/instances?runtimeStatus=Running,Pending&showInput=false&top=1`;
  while (!signal.aborted) {
    const answer = await ask(running);
    if (answer?.status === 200 && Array.isArray(answer.json) && answer.json.length === 0) return;
    await pause(LOOK_EVERY_MS);
  }
}

/** What the seed file of the warehouse counts and the orders of a plan use. */
const SEEDED = { 'prod-001': 1_000_000 };

async function supply({ urls }: ChaosSystem, signal: AbortSignal): Promise<Record<string, number>> {
  for (const [productId, onHand] of Object.entries(STOCK)) {
    await mustAnswer(`${urls.services}/control/stock/${productId}`, signal, putJson({ onHand }));
  }
  return { ...STOCK, ...SEEDED };
}

/** One piece more of everything: the newest news of each product, which its echo has to come to. */
async function recount(
  { urls }: ChaosSystem,
  before: Readonly<Record<string, number>>,
  signal: AbortSignal,
): Promise<Pick<Known, 'supplied' | 'published'>> {
  const supplied: Record<string, number> = {};
  const published: Record<string, number> = {};
  for (const [productId, pieces] of Object.entries(before)) {
    const url = `${urls.services}/control/stock/${productId}`;
    const { onHand } = await mustAnswer<Level>(url, signal);
    await mustAnswer(url, signal, putJson({ onHand: onHand + 1 }));
    supplied[productId] = pieces + 1;
    published[productId] = onHand + 1;
  }
  return { supplied, published };
}
