// Judge of orders after a crash by what is stored and what was done: stream, document, orchestration, ledger, list and
// topic; never by a log. Everything must be as without the crash, or stand in the list of permitted ends.
import { isDeepStrictEqual } from 'node:util';
import { poll } from '../../local/demo/system-client';
import type { RunningSystem } from 'azure-local/supervisor/running-system';
import type { OrderHead } from '../../src/domain/order';
import { accountProblems, isNeedless, type Seen } from './account';
import { returnProblems } from './account-returns';
import { endOf, type Ended } from './end';
import { actProblems, isUnanswered } from './people';
import { PERMITTED_ENDS, type PermittedEnd } from './permitted';
import type { CrashPoint, Victim } from './points';
import type { Recording } from './recording';
import type { CrashSystem } from './system';
import { isReturned } from './scenarios';
import type { CrashedOrder } from './wave';
import { ALL_TENANTS, DEFAULT_TENANT } from '../../src/domain/scope';
import { openOrderTopic, type OrderTopic } from '../../test/support/order-topic';

export interface PointResult {
  readonly point: CrashPoint;
  readonly victim: Victim;
  /** Why the order did not stand at the point at the kill; null when it did. Only then does its end count. */
  readonly missed: string | null;
  /** As without the crash, or which of the permitted ends. */
  readonly end: string;
  /** Whether an operator is asked, and whether nothing is there for him to settle. */
  readonly asksOperator: boolean;
  readonly isNeedless: boolean;
  /** Empty when all is well. */
  readonly problems: readonly string[];
}

export const NOT_ASKED = { asksOperator: false, isNeedless: false };

export const AS_WITHOUT = 'as without the crash';

/** How long read models and topic may take to catch up with the stream. */
const CAUGHT_UP_MS = 60_000;
const ENDED_WITHIN_MS = 150_000;

/** Waits for the end of every order and says what is wrong with each. */
export async function judge(
  running: RunningSystem,
  after: CrashSystem,
  crashed: readonly CrashedOrder[],
  recordings: readonly Recording[],
  victim: Victim,
): Promise<readonly PointResult[]> {
  await allEnded(after, crashed);
  await lateCallsAnswered(after, crashed);
  const pointResults = await Promise.all(
    crashed.map(async (order) => {
      const recording = recordings.find(({ scenario }) => scenario === order.point.scenario);
      const { point, missed } = order;
      const about = { point, victim, missed };
      try {
        if (recording === undefined) throw new Error(`${point.title} was never recorded`);
        const result = await resultOf({ running, after }, order, recording, victim);
        return { ...about, ...result, missed: missed ?? result.missed };
      } catch (error) {
        return { ...about, ...NOT_ASKED, end: 'none', problems: [String(error)] };
      }
    }),
  );
  const topic = openOrderTopic(running.urls.servicebus);
  const judged: PointResult[] = [];
  for (const [index, result] of pointResults.entries()) {
    const onTopic = await topicProblems(topic, after, crashed[index]?.orderId ?? '');
    judged.push({ ...result, problems: [...result.problems, ...onTopic] });
  }
  return judged;
}

/** One question for all: asking for each order would keep the system from its work. `endOf` names what is stuck. */
async function allEnded(after: CrashSystem, crashed: readonly CrashedOrder[]): Promise<void> {
  const ids = new Set(crashed.map(({ orderId }) => orderId));
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  await poll(
    () => after.store.unfinished(ALL_TENANTS, tomorrow, 1_000),
    (unfinished) => !unfinished.some(({ orderId }) => ids.has(orderId)),
    ENDED_WITHIN_MS,
  ).catch(() => undefined);
}

interface Witnesses {
  readonly running: RunningSystem;
  readonly after: CrashSystem;
}

async function resultOf(
  { running, after }: Witnesses,
  crashed: CrashedOrder,
  recording: Recording,
  victim: Victim,
): Promise<Omit<PointResult, 'point' | 'victim'>> {
  const { orderId, order, idBefore, before } = crashed;
  const ended = await endOf(after, orderId, isReturned(order.scenario));
  await poll(
    () => Promise.resolve(isUnanswered(order)),
    (isOpen) => !isOpen,
    CAUGHT_UP_MS,
  ).catch(() => undefined);
  const stream = await after.store.eventsAfter(DEFAULT_TENANT, orderId, 0);
  const effects = await after.effects(orderId);
  const { scenario, cancelAnswer } = order;
  const account = { order: ended.order, stream, effects, before, cancelAnswer };
  const { end, problems } = judgeEnd(ended, recording, () =>
    PERMITTED_ENDS.find(({ isThis }) => isThis({ ...account, victim, scenario })),
  );
  return {
    end,
    asksOperator: ended.order.saga.needsIntervention,
    isNeedless: isNeedless(account),
    missed: otherWay(account, recording),
    problems: [
      ...problems,
      ...accountProblems(account),
      ...returnProblems(account),
      ...actProblems(order),
      ...(isDeepStrictEqual(ended.order, ended.folded) ? [] : ['the document is not the fold of its events']),
      ...(idBefore === undefined || idBefore === orderId ? [] : [`it was ${idBefore} before the crash`]),
      ...(await listProblems(running, order.customerId, ended)),
    ],
  };
}

/** Why the order was not where its point is, as it shows only now; null when it was. */
function otherWay(
  { order, before }: { order: OrderHead; before: Seen },
  recording: Recording,
): string | null {
  // No recording has it: the wave took so long that the order did not stand in its call to the kill.
  if (order.failureCode === 'STEP_TIMED_OUT') return 'its step ran out of time while it stood there';
  // Orders that fail at the same time open a breaker for each other; a cancel comes when its customer sends it.
  const isCancel = (type: string): boolean => type === 'CancelRequested';
  const types = before.stream.map(({ type }) => type).filter((type) => !isCancel(type));
  const recorded = recording.ended.end.events.filter((type) => !isCancel(type));
  return isDeepStrictEqual(recorded.slice(0, types.length), types) || recording.scenario.cancel !== null
    ? null
    : `it went another way before the kill: ${types.join(', ')}`;
}

function judgeEnd(
  ended: Ended,
  recording: Recording,
  permitted: () => PermittedEnd | undefined,
): Pick<PointResult, 'end' | 'problems'> {
  const without = recording.ended.end;
  const differing = (Object.keys(without) as (keyof typeof without)[]).filter(
    (field) => !isDeepStrictEqual(ended.end[field], without[field]),
  );
  if (differing.length === 0) return { end: AS_WITHOUT, problems: [] };
  const found = permitted();
  if (found !== undefined) return { end: found.says, problems: [] };
  const json = (value: unknown): string => JSON.stringify(value);
  // A saga that went another way has other events, which say it shorter.
  const telling = differing.filter((field) => field !== 'saga' || differing.length === 1);
  return {
    end: ended.end.status,
    problems: telling.map(
      (field) => `${field} is ${json(ended.end[field])}, without the crash ${json(without[field])}`,
    ),
  };
}

/** The list of a customer shows his only order as it is stored. */
async function listProblems(
  { urls }: RunningSystem,
  customerId: string,
  { order }: Ended,
): Promise<readonly string[]> {
  const shown = await poll(
    async () => {
      const answer = await fetch(`${urls.api}/api/orders/customer/${customerId}`);
      return (await answer.json()) as readonly { id: string; version: number; status: string }[];
    },
    (list) => list.some(({ version }) => version >= order.version),
    CAUGHT_UP_MS,
  );
  const [only] = shown;
  return shown.length === 1 && only?.id === order.orderId && only.status === order.status
    ? []
    : [`the list shows ${JSON.stringify(shown.map(({ id, status }) => [id, status]))}`];
}

/** Every event of the stream is on the topic once, in its sequence. */
async function topicProblems(
  topic: OrderTopic,
  { store }: CrashSystem,
  orderId: string,
): Promise<readonly string[]> {
  const { length: events } = await store.eventsAfter(DEFAULT_TENANT, orderId, 0);
  const messages = await poll(
    () => topic.session(orderId),
    (found) => found.length >= events,
    CAUGHT_UP_MS,
  );
  const sequences = messages.map(({ sequence }) => sequence);
  return isDeepStrictEqual(
    sequences,
    Array.from({ length: events }, (_, index) => index + 1),
  )
    ? []
    : [`the topic has the events ${sequences.join(', ')} of ${events}`];
}

/**
 * A call that its point made slow acts or is refused, however late: only then is the ledger whole. A call that hangs by
 * the plan of its scenario is never answered.
 */
async function lateCallsAnswered(system: CrashSystem, crashed: readonly CrashedOrder[]): Promise<void> {
  const slow = new Set(
    crashed.flatMap(({ order, point: { place } }) =>
      place.kind === 'call' && place.fault === 'slow'
        ? [`${order.key} ${place.service}.${place.operation}`]
        : [],
    ),
  );
  await poll(
    () => system.calls(),
    (calls) =>
      calls.every(
        ({ correlationId, service, operation, status }) =>
          status !== null || !slow.has(`${correlationId ?? ''} ${service}.${operation}`),
      ),
  );
}
