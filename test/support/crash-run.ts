// Plays every crash point on one system: one order to each point, one SIGKILL for all of them, then everyone's end.
//
// X1  Every order stands at its own point at the moment of the kill; `Crashed.position` is what was seen there.
// X2  A point holds one call or one write of its own order, once, so no order depends on another.
import { poll } from '../../local/demo/system-client';
import type { RunningSystem } from '../../local/supervisor/running-system';
import { endOf, type Ended } from './crash-end';
import type { CrashPoint, Path } from './crash-points';
import { crashSystem, type CrashSystem, type PostAnswer, type SeenCall } from './crash-system';

export interface Crashed extends Ended {
  /** What service and stream knew of the point's step when the process was killed. */
  readonly position: { readonly acted: boolean; readonly recorded: boolean };
  /** The id that the POST was answered with before the crash; undefined when it got no answer. */
  readonly idBefore: string | undefined;
  /** The id that the client got when it posted again after the crash. */
  readonly idAfter: string;
}

/** Kills `what` with an order at every point; how each ended, by the point's key, is settled when this resolves. */
export async function crashAtEvery(
  points: readonly CrashPoint[],
  system: RunningSystem,
  what: 'host' | 'all',
): Promise<ReadonlyMap<string, Promise<Crashed>>> {
  const before = crashSystem(system);
  await before.client.planFaults(points.flatMap(({ fault }) => fault ?? []));
  await before.hold(points.flatMap(({ hold }) => hold ?? []));
  const posts = points.map((point) => ({ point, answer: before.post(point).catch(() => undefined) }));
  await poll(
    () => missing(before, points),
    (notThere) => notThere.length === 0,
  );
  await Promise.all(posts.filter(({ point }) => point.event !== 'OrderCreated').map(({ answer }) => answer));
  const positions = await Promise.all(points.map((point) => positionOf(before, point)));
  await system.kill(what);
  if (what === 'all') await system.restart();
  else await before.hold([]);
  await system.recovered();
  const after = crashSystem(system);
  const crashed = new Map(
    posts.map(({ point, answer }, index) => [point.key, crashedAt(after, point, answer, positions[index])]),
  );
  await Promise.allSettled(crashed.values());
  return crashed;
}

async function crashedAt(
  after: CrashSystem,
  point: CrashPoint,
  answer: Promise<PostAnswer | undefined>,
  position: Crashed['position'] | undefined,
): Promise<Crashed> {
  if (position === undefined) throw new Error(`nobody looked at ${point.says}`);
  const idAfter = await after.postUntilTaken(point);
  return { ...(await endOf(after, idAfter)), position, idBefore: (await answer)?.id, idAfter };
}

/** Waits until every call that a fault made slow has acted or been refused, however late. */
export async function lateCallsAnswered(system: CrashSystem, points: readonly CrashPoint[]): Promise<void> {
  const slow = new Set(points.filter(({ fault }) => fault?.fault === 'slow').map(({ key }) => key));
  await poll(
    () => system.calls(),
    (calls) => calls.every(({ correlationId, status }) => !slow.has(correlationId ?? '') || status !== null),
  );
}

/** The end of an order on each path when nothing is killed. */
export async function undisturbed(system: CrashSystem): Promise<Readonly<Record<Path, Ended>>> {
  const play = async (path: Path, customerId: string): Promise<Ended> =>
    endOf(system, await system.postUntilTaken({ customerId, key: `undisturbed-${path}` }));
  const [completes, carrierRefuses] = await Promise.all([
    play('completes', 'undisturbed'),
    play('carrierRefuses', 'noship-undisturbed'),
  ]);
  return { completes, carrierRefuses };
}

/** The points whose order is not there yet. */
async function missing(system: CrashSystem, points: readonly CrashPoint[]): Promise<readonly string[]> {
  const [calls, held] = await Promise.all([system.calls(), system.held()]);
  const acted = new Set((await system.effects()).map(effectAt));
  const holds = points.filter(({ hold }) => hold !== undefined);
  return points
    .filter((point) =>
      point.hold === undefined
        ? !isHeldCall(point, calls) || (point.expected.acted && !acted.has(effectAt(point)))
        : (held[holds.indexOf(point)] ?? 0) === 0,
    )
    .map(({ says }) => says);
}

function isHeldCall({ key, fault }: CrashPoint, calls: readonly SeenCall[]): boolean {
  return calls.some(
    ({ correlationId, operation, status }) =>
      correlationId === key && operation === fault?.operation && status === null,
  );
}

async function positionOf(
  system: CrashSystem,
  { customerId, event, effect }: CrashPoint,
): Promise<Crashed['position']> {
  const order = await system.storedOrder(customerId);
  if (order === undefined) return { acted: false, recorded: false };
  const events = await system.store.eventsAfter(order.orderId, 0);
  const effects = await system.effects(order.orderId);
  return {
    acted: effects.some((line) => line.effect === effect),
    recorded: events.some(({ type }) => type === event),
  };
}

const effectAt = ({ customerId, effect }: { customerId: string; effect: string | null }): string =>
  `${customerId} ${effect ?? ''}`;
