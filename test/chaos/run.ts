// One chaos run from start to verdict.
import { startChaosSystem, type ChaosSystem } from './chaos-system';
import { collectFacts, type Known, type Level } from './collect';
import { ECHO_PRODUCT, NEWEST_ON_HAND, repeatDeliveries } from './deliveries';
import { createDisturber } from './disturber';
import type { Facts, Violation } from './facts';
import { judge } from './invariants';
import { needsOperator } from './invariants-orders';
import { mustAnswer, pause, putJson, within } from './http-client';
import { STOCK, type Plan } from './plan';
import { createRandom } from './random';
import { createSender } from './sender';

export interface Verdict {
  readonly violations: readonly Violation[];
  readonly facts: Facts;
  readonly dataDir: string;
  /** Disturbances that were caused, by kind. */
  readonly counts: Readonly<Record<string, number>>;
  /** From the first order to the verdict. */
  readonly seconds: number;
}

export interface RunOptions {
  /** How long everything may take to come to rest after the last disturbance. */
  readonly drainMs: number;
  /** A line on the terminal, every few seconds. */
  readonly say: (line: string) => void;
}

const SAY_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 1_000;
/** Ten thousand orders are a hundred thousand documents. */
const LOOK_WITHIN_MS = 300_000;

/** Plays `plan` on a system of its own, whose data stay. What is not right when the time is up is a violation. */
export async function runPlan(plan: Plan, { drainMs, say }: RunOptions): Promise<Verdict> {
  // Other ports at each run: the last system of a shrinking may still hold its own.
  const system = await startChaosSystem(createRandom(Date.now(), 'ports'));
  const startedMs = performance.now();
  const sender = createSender(plan.placed, system.urls);
  const disturber = createDisturber(system);
  const patience = new AbortController();
  const progress = setInterval(() => {
    const answered = sender.sent.filter((one) => one.taken.length + one.refused.length > 0).length;
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    say(
      `${seconds} s: ${answered} of ${plan.placed.length} taken or refused; ${countsText(disturber.counts)}`,
    );
  }, SAY_EVERY_MS);
  try {
    const supplied = await supply(system, patience.signal);
    const sending = sender.run(patience.signal);
    await disturber.play(plan);
    say('no more disturbances: everything has to come to rest');
    const deadline = setTimeout(() => patience.abort(), drainMs);
    await sending;
    const known = { sent: sender.sent, supplied, told: {} };
    const facts = await atRest(system, known, plan, patience.signal);
    clearTimeout(deadline);
    return {
      violations: judge(facts),
      facts,
      dataDir: system.dataDir,
      counts: disturber.counts,
      seconds: Math.round((performance.now() - startedMs) / 1_000),
    };
  } finally {
    clearInterval(progress);
    await sender.close();
    await system.stop();
  }
}

/** Looks until nothing is wrong any more, or time is up; then stock is counted anew, and its echo has to follow. */
async function atRest(system: ChaosSystem, known: Known, plan: Plan, signal: AbortSignal): Promise<Facts> {
  const before = await lookUntilRight(system, known, signal);
  if (judge(before).length > 0) return before;
  const { supplied, told } = await recount(system, known.supplied, signal);
  const repeats = plan.disturbances.find((disturbance) => disturbance.kind === 'deliveries');
  const hasNews = repeats !== undefined && (await repeatDeliveries(system.urls, repeats));
  const news = !hasNews ? {} : { [ECHO_PRODUCT]: NEWEST_ON_HAND };
  return lookUntilRight(system, { ...known, supplied, told: { ...told, ...news } }, signal);
}

async function lookUntilRight(system: ChaosSystem, known: Known, signal: AbortSignal): Promise<Facts> {
  for (;;) {
    const facts = await within(LOOK_WITHIN_MS, collectFacts(system, known, signal));
    if (signal.aborted || judge(facts).length === 0) return facts;
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
): Promise<Pick<Known, 'supplied' | 'told'>> {
  const supplied: Record<string, number> = {};
  const told: Record<string, number> = {};
  for (const [productId, pieces] of Object.entries(before)) {
    const url = `${urls.services}/control/stock/${productId}`;
    const { onHand } = await mustAnswer<Level>(url, signal);
    await mustAnswer(url, signal, putJson({ onHand: onHand + 1 }));
    supplied[productId] = pieces + 1;
    told[productId] = onHand + 1;
  }
  return { supplied, told };
}

export function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([kind, times]) => `${kind} ${times}`)
    .join(', ');
}

/** What became of the orders, for the terminal. */
export function outcomeText({ orders, sent }: Facts): string {
  const statuses: Record<string, number> = {};
  for (const { status } of orders) statuses[status] = (statuses[status] ?? 0) + 1;
  const bad = sent.filter(({ planned }) => planned.bad !== undefined).length;
  const asked = orders.filter(needsOperator).map(({ orderId }) => orderId);
  return [
    `${orders.length} orders: ${countsText(statuses)}; ${bad} times bad input`,
    ...(asked.length === 0 ? [] : [`an operator is asked about ${asked.length}: ${asked.join(', ')}`]),
  ].join('\n');
}
