// Wave of the crash matrix: an order at every point, one SIGKILL for all of them, then all clients go on.
//
// crash-wave.X1  Whether an order stood at its own point at the moment of the kill is known; if not, its point is still
//   to be played.
// crash-wave.X2  A point holds calls, writes and episodes of its own order only, so no order depends on another.
// crash-wave.X3  Orders are placed so that all come to their points at the same time; the kill comes when all stand, or
//   before the first that stands loses its patience: who comes later than that is played again.
import { poll } from '../../local/demo/system-client';
import type { HoldRule } from 'azure-local/cosmos/holds';
import type { RunningSystem } from 'azure-local/supervisor/running-system';
import type { Seen } from './account';
import { matrixOrder, cancelInTime, placed, placeOnce, type MatrixOrder, type Played } from './orders';
import { relayRule } from './message-points';
import { holdingOf, standsMs, type CrashPoint, type Place, type Victim } from './points';
import { actInTime, nextAct } from './people';
import { crashSystem, type CrashSystem, type Effect, type SeenCall } from './system';
import { DEFAULT_TENANT } from '../../src/domain/scope';
import { openOrderQueue } from '../../test/support/order-queue';

/** A write of what follows the orders (read models, leases): held for all orders at once, beside their own points. */
export interface FeedPoint {
  readonly container: string;
  readonly operation: string;
  readonly moment: HoldRule['moment'];
}

export interface Wave {
  readonly name: string;
  readonly victim: Victim;
  readonly points: readonly CrashPoint[];
  readonly feed: FeedPoint | null;
}

/** An order that stood at its point when the victim was killed. */
export interface StoodOrder {
  readonly point: CrashPoint;
  readonly order: MatrixOrder;
  /** The answer to the POST before the crash; undefined when there was none. */
  readonly idBefore: string | undefined;
  /** Null when it stood at its point at the kill, else where it was. */
  readonly missed: string | null;
  /** What could be seen of it right before the kill: none of that may be gone. */
  readonly before: Seen;
}

export interface CrashedOrder extends StoodOrder {
  /** The id that its customer got, or found, after the crash. */
  readonly orderId: string;
}

interface Standing {
  readonly point: CrashPoint;
  readonly order: MatrixOrder;
  idBefore: string | undefined;
  /** When it was first seen at its point. */
  sinceMs: number | undefined;
}

/** How much longer than undisturbed orders may take to their points. */
const AT_PLACE_MS = 30_000;
/** The lock that a killed host leaves on a message ends after a minute. */
const TAKEN_MS = 150_000;

/** Brings every order to its point, kills, and runs `judge` when the system and every customer are back. */
export async function playWave<T>(
  system: RunningSystem,
  wave: Wave,
  judge: (crashed: readonly CrashedOrder[], after: CrashSystem) => Promise<T>,
): Promise<T> {
  const standing: Standing[] = wave.points.map((point, index) => ({
    ...{
      point,
      order: { ...matrixOrder(point.scenario, `${wave.name}-${index}`), holdsBack: heldBack(point) },
    },
    idBefore: undefined,
    sinceMs: undefined,
  }));
  const orders = standing.map(({ order }) => order);
  const stood = await withPeople(system, { orders, isPatient: true }, async (played) => {
    await bringToPoints(played, standing, wave);
    return lookAtAll(played.system, standing);
  });
  await killAndRecover(system, wave.victim);
  for (const order of orders) order.holdsBack = undefined;
  return withPeople(system, { orders, isPatient: false }, async (played) => {
    const taken = stood.map(async (one) => ({ ...one, orderId: await placed(played, one.order, TAKEN_MS) }));
    return judge(await Promise.all(taken), played.system);
  });
}

const heldBack = ({ place }: CrashPoint): MatrixOrder['holdsBack'] =>
  place.kind === 'wait' ? (place.act ?? undefined) : undefined;

interface WithPeople {
  readonly orders: readonly MatrixOrder[];
  /** Up to the kill people wait for the sagas, behind it they act as soon as they can. */
  readonly isPatient: boolean;
}

/** Runs `work` with a client of the broker, and with people who act when their moment comes. */
async function withPeople<T>(
  running: RunningSystem,
  { orders, isPatient }: WithPeople,
  work: (played: Played) => Promise<T>,
): Promise<T> {
  const played = { system: crashSystem(running), queue: openOrderQueue(running.urls.servicebus) };
  const acts = new AbortController();
  const open = orders.filter(({ cancelAnswer }) => cancelAnswer === undefined);
  const acting = Promise.all([
    cancelInTime(played.system, open, acts.signal),
    actInTime({ system: played.system, isPatient }, orders, acts.signal),
  ]);
  try {
    return await work(played);
  } finally {
    acts.abort();
    await acting;
    await played.queue.close();
  }
}

async function bringToPoints(played: Played, standing: readonly Standing[], wave: Wave): Promise<void> {
  const { system } = played;
  const holdings = standing.map(({ point, order }) => holdingOf(point, order));
  await system.client.planFaults(holdings.flatMap(({ faults }) => faults));
  await system.holdEpisodes(holdings.flatMap(({ engine }) => engine));
  await system.holdMessages(holdings.flatMap(({ broker }) => broker));
  await system.hold([
    ...holdings.flatMap(({ store }) => store),
    ...(wave.feed === null ? [] : [{ contains: ['"'], ...wave.feed }]),
  ]);
  const lastMs = Math.max(...wave.points.map(({ afterMs }) => afterMs));
  for (const one of standing) void placeInTime(played, one, lastMs - one.point.afterMs);
  await stopRelay(system, standing, lastMs);
  await poll(
    () => lookAround(system, standing),
    (sight) => isTimeToKill(standing, sight),
    lastMs + AT_PLACE_MS,
  ).catch(() => undefined);
}

/** Stops the relay when all orders of such a wave have come so far: some are further by then. */
async function stopRelay(system: CrashSystem, standing: readonly Standing[], afterMs: number): Promise<void> {
  const place = standing[0]?.point.place;
  if (place?.kind !== 'relay') return;
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await poll(
    () => system.storedOrders(standing.map(({ order }) => order.customerId)),
    (stored) =>
      standing.every(({ order, point }) => {
        const found = stored.find(({ customerId }) => customerId === order.customerId);
        return found !== undefined && isThere(point, found.version);
      }),
    AT_PLACE_MS / 2,
  ).catch(() => undefined);
  await system.holdMessages([relayRule(place.moment)]);
}

/** crash-wave.X3. The kill may come before the order is answered. */
async function placeInTime(played: Played, one: Standing, afterMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const id = await placeOnce(played, one.order).catch(() => undefined);
  one.idBefore = id === '' ? undefined : id;
}

function isTimeToKill(standing: readonly Standing[], sight: Sight): boolean {
  const nowMs = performance.now();
  const stands = standing.filter((one) => whyNot(one, sight) === null);
  for (const one of stands) one.sinceMs ??= nowMs;
  return (
    stands.length === standing.length ||
    standing.some(({ point, sinceMs }) => sinceMs !== undefined && nowMs - sinceMs > standsMs(point))
  );
}

/** What is known of all orders at one moment. */
interface Sight {
  readonly calls: readonly SeenCall[];
  readonly effects: readonly Effect[];
  /** How many writes and episodes each order holds at its point. */
  readonly held: ReadonlyMap<Standing, number>;
  /** Orders that wait for who is to act behind the kill. */
  readonly waiting: ReadonlySet<Standing>;
}

async function lookAround(system: CrashSystem, standing: readonly Standing[]): Promise<Sight> {
  const [calls, effects, writes, episodes, messages, waiting] = await Promise.all([
    system.calls(),
    system.effects(),
    system.held(),
    system.heldEpisodes(),
    system.heldMessages(),
    waitingOf(system, standing),
  ]);
  const ofKind = (kind: Place['kind']): readonly Standing[] =>
    standing.filter(({ point }) => point.place.kind === kind);
  const held = new Map<Standing, number>();
  for (const [index, one] of ofKind('write').entries()) held.set(one, writes[index] ?? 0);
  for (const [index, one] of ofKind('event').entries()) held.set(one, episodes[index]?.held ?? 0);
  for (const [index, one] of ofKind('message').entries()) held.set(one, messages[index]?.held ?? 0);
  for (const one of ofKind('relay')) held.set(one, messages[0]?.held ?? 0);
  return { calls: calls.filter(isStep), effects, held, waiting };
}

async function waitingOf(system: CrashSystem, standing: readonly Standing[]): Promise<ReadonlySet<Standing>> {
  const waiting = standing.filter(({ point }) => point.place.kind === 'wait');
  const stored = await system.storedOrders(waiting.map(({ order }) => order.customerId));
  return new Set(
    waiting.filter(({ order, point: { place, scenario } }) => {
      const found = stored.find(({ customerId }) => customerId === order.customerId);
      if (found === undefined || place.kind !== 'wait') return false;
      return place.act === null
        ? found.status === 'awaitingApproval'
        : nextAct(scenario, found) === place.act;
    }),
  );
}

/** Look-ups and mails are no steps of a saga. */
const isStep = ({ operation }: SeenCall): boolean => operation !== 'lookUp' && operation !== 'send';

/** Why the order does not stand at its point; null when it does. */
function whyNot(one: Standing, { calls, effects, held, waiting }: Sight): string | null {
  const { order, point } = one;
  const { place } = point;
  if (place.kind === 'wait') return waiting.has(one) ? null : 'it waits for nobody';
  if (place.kind !== 'call') return (held.get(one) ?? 0) > 0 ? null : 'nothing of it is held';
  const own = calls.filter(({ correlationId }) => correlationId === order.key);
  const last = own.at(-1);
  const nth = own.filter(({ operation }) => operation === place.operation).length;
  if (nth !== place.nth || last?.operation !== place.operation || last.status !== null)
    return `it has made ${own.length} calls, the last ${last?.operation ?? 'none'} ${last?.status ?? ''}`;
  const acted = effects.some(
    ({ customerId, effect }) => customerId === order.customerId && effect === place.acted,
  );
  return place.acted === null || acted ? null : 'its call has not acted';
}

/** Takes down, at the last moment before the kill, who stands where. */
async function lookAtAll(system: CrashSystem, standing: readonly Standing[]): Promise<readonly StoodOrder[]> {
  const streams = await Promise.all(standing.map(({ order }) => streamOf(system, order)));
  const sight = await lookAround(system, standing);
  return standing.map((one, index) => {
    const { point, order, idBefore } = one;
    const stream = streams[index] ?? [];
    const effects = sight.effects.filter(({ customerId }) => customerId === order.customerId);
    // A cancel comes when its customer sends it, so it may be there before the write, or make its first try a conflict.
    const behind =
      point.scenario.cancel !== null || isThere(point, stream.length)
        ? null
        : `its stream has ${stream.length} events`;
    return { point, order, idBefore, missed: whyNot(one, sight) ?? behind, before: { stream, effects } };
  });
}

/** A choreographed order goes on behind a write that is not answered, where another message carries it. */
function isThere({ place, isCarriedOn }: CrashPoint, events: number): boolean {
  if (place.kind === 'relay') return events >= place.events;
  if (place.kind !== 'write') return true;
  return events === place.events || (isCarriedOn && place.moment === 'answer' && events > place.events);
}

async function streamOf(system: CrashSystem, { customerId }: MatrixOrder): Promise<Seen['stream']> {
  const stored = await system.storedOrder(customerId);
  return stored === undefined ? [] : system.store.eventsAfter(DEFAULT_TENANT, stored.orderId, 0);
}

/** What was held lives on where its keeper does: it is let go once the victim is gone. */
async function killAndRecover(running: RunningSystem, victim: Victim): Promise<void> {
  const before = crashSystem(running);
  await running.kill(victim);
  if (victim === 'all') await running.restart();
  if (victim === 'host') {
    await before.hold([]);
    await before.holdMessages([]);
  }
  if (victim === 'platform') await before.holdEpisodes([]);
  await running.recovered();
}
