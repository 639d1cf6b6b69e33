// Run of one order whose host dies at a point and whose next host finds what the storage holds: the real saga and
// activities on the storage mode `azure`, under a manual clock. Every call of a service takes a second.
import { createHubControl, type HubControl } from 'azure-local/durable/azure/hub-control';
import { DEFAULT_VISIBILITY_MS, type StorageProvider } from 'azure-local/durable/azure/azure-options';
import { WORK_ITEMS, type QueueMessage } from 'azure-local/durable/azure/messages';
import { ManualClock } from 'azure-local/kit/clock';
import { SharedFile } from 'azure-local/storage/shared-file';
import { openAzureEngine, type AzureHarness } from 'azure-local/testing/durable-harness';
import { createFakeServices } from './fake-services';
import { createMemoryOrderStore } from './memory-order-store';
import { SCOPE } from './orders';
import { sagaOn, type HarnessSettings, type SagaParts, type World } from './saga-harness';
import { Life } from './unkind-host';
import { ABOVE_LIMIT } from './approvals';
import { createMemoryMarks } from './memory-marks';
import { judge, type Kind } from './unkind-judge';
import { isThrough, nextAct } from './unkind-people';
import { UNKIND_SCENARIOS, type People, type Point } from './unkind-points';
import { runReconciler } from './unkind-reconciler';
import type { Marks } from '../../src/ports/marks';

export interface Ran {
  readonly kinds: readonly Kind[];
  /** What the first host came to, up to its end. */
  readonly moments: readonly string[];
  /** What it left: messages of this order. */
  readonly left: readonly string[];
  readonly status: string;
  readonly events: readonly string[];
  readonly effects: readonly string[];
}

type Host = AzureHarness & SagaParts;

interface Stage {
  readonly hub: SharedFile;
  readonly control: HubControl;
  readonly clock: ManualClock;
  readonly world: World;
  readonly marks: Marks;
  readonly provider: StorageProvider;
  readonly settings: HarnessSettings;
  readonly people: People;
}

const CALL_TAKES_MS = 1_000;
/** More rounds than any order needs: something would go round for ever. */
const ROUNDS = 400;
const RECONCILE_EVERY_MS = 60_000;
/** Long enough for the late look-up of an order that has ended, and for the one after it (S27). */
const IDLE_MS = 5 * 60_000;
const IDLE_RUNS = 8;

/** Runs the point; `isGood` says whether the scenario completes when no host dies. */
export async function runPoint(point: Point, isGood: boolean, provider: StorageProvider): Promise<Ran> {
  const hub = new SharedFile(':memory:');
  const clock = new ManualClock();
  const world = { orders: createMemoryOrderStore(), services: createFakeServices() };
  const marks = createMemoryMarks();
  const {
    faults,
    request,
    couponFailurePolicy,
    people = {},
  } = UNKIND_SCENARIOS[point.scenario] ?? { faults: {} };
  const settings = {
    ...(couponFailurePolicy === undefined ? {} : { couponFailurePolicy }),
    ...(people.approval === undefined ? {} : { approvals: ABOVE_LIMIT }),
  };
  const stage = { hub, clock, world, marks, provider, settings, people, control: createHubControl(hub) };
  Object.assign(world.services.faults, structuredClone(faults));
  world.services.around = (when) => {
    if (when === 'before') clock.advance(CALL_TAKES_MS);
    return Promise.resolve();
  };
  const life = new Life(point.death === 0 ? undefined : point.death);
  const hosts: Host[] = [];
  try {
    const first = await openHost(stage, life, hosts);
    await Promise.race([first.place(request), life.end]);
    await untilQuiet(first, life, stage);
    const left = stage.control.messages();
    const secondLife = new Life(point.secondDeath);
    if (life.isOver()) await arrange(stage, left, point);
    const second = life.isOver() ? await openHost(stage, secondLife, hosts) : first;
    const cancel = await comeBack(second, stage, secondLife, { left, point });
    await finish(second, stage, secondLife);
    if (secondLife.isOver()) await finish(await openHost(stage, new Life(), hosts), stage);
    return await report(stage, { isGood, cancel, life, left });
  } finally {
    for (const host of hosts) await host.close();
    await hub.close();
  }
}

async function openHost(
  { hub, clock, provider, world, settings }: Stage,
  life: Life,
  hosts: Host[],
): Promise<Host> {
  const harness = await openAzureEngine({ hub, clock, provider, endsAt: life.endsHere, startsLater: true });
  life.endsWith(() => harness.engine.crash());
  const host = sagaOn(harness, world, settings, life.guard);
  hosts.push(host);
  // Only now: an activity that begins at once must find this host's saga.
  harness.engine.start();
  return host;
}

/** Until the host is dead, or the order has ended, or nothing goes on without time. */
async function untilQuiet(host: Host, life: Life, stage: Stage): Promise<void> {
  for (let round = 0; round < ROUNDS && !life.isOver(); round += 1) {
    await rest(host, life);
    const [order] = stage.world.orders.all();
    if (life.isOver() || order === undefined) continue;
    if (isThrough(order, stage.people) && stage.control.messages().length === 0) return;
    if (!(await somebodyActs(host, stage, life))) passTime(stage);
  }
}

/** Whether somebody did something that the order's stream shows. Who is refused tries again when time has passed. */
async function somebodyActs(host: Host, { world, people }: Stage, life: Life): Promise<boolean> {
  const [order] = world.orders.all();
  const act = order && nextAct(host, order, people);
  if (act !== undefined) await Promise.race([act(), life.end]);
  return world.orders.all()[0]?.version !== order?.version;
}

async function rest({ engine }: Host, life?: Life): Promise<void> {
  for (let turn = 0; turn < 3 && life?.isOver() !== true; turn += 1) {
    await new Promise(setImmediate);
    await engine.idle();
  }
}

function passTime({ clock }: Stage): void {
  const dueMs = clock.nextDueMs();
  clock.advance(dueMs === undefined ? 1_000 : Math.max(0, dueMs - clock.now()));
}

const isTimer = ({ body }: QueueMessage): boolean => body.kind === 'task' && body.event.includes('"TimerId"');

/** How long a message of this queue can be hidden after a death. */
function longestMs({ provider }: Stage, { queue }: QueueMessage): number {
  const { controlQueueVisibilityTimeoutMs, workItemQueueVisibilityTimeoutMs } = provider;
  const given = queue === WORK_ITEMS ? workItemQueueVisibilityTimeoutMs : controlQueueVisibilityTimeoutMs;
  return given ?? DEFAULT_VISIBILITY_MS;
}

/** Hides what is not to come back at once, before the next host looks. A timer never comes before it is due. */
async function arrange(stage: Stage, left: readonly QueueMessage[], { returns }: Point): Promise<void> {
  if (returns.kind === 'asTheyCome') return;
  const nowMs = stage.clock.now();
  for (const message of left) {
    const untilMs = nowMs + longestMs(stage, message);
    if (!isTimer(message)) await stage.control.hide(message, untilMs);
  }
}

/** Which messages come back first. */
function firstOf(left: readonly QueueMessage[], { returns }: Point): readonly QueueMessage[] {
  const movable = left.filter((message) => !isTimer(message));
  switch (returns.kind) {
    case 'asTheyCome':
      return [];
    case 'together':
    case 'doubled':
      return movable;
    case 'first':
      return movable.filter((message) => message === left[returns.message]);
    case 'last':
      return movable.filter((message) => message !== left[returns.message]);
  }
}

async function comeBack(
  host: Host,
  { control, clock, world }: Stage,
  life: Life,
  { left, point }: { readonly left: readonly QueueMessage[]; readonly point: Point },
): Promise<'none' | 'accepted' | 'refused'> {
  let cancel: 'none' | 'accepted' | 'refused' = 'none';
  const cancelNow = async (): Promise<void> => {
    const [order] = world.orders.all();
    if (order === undefined) return;
    const asked = host.cancel(order.orderId).then(({ kind }) => kind);
    const answer = await Promise.race([asked, life.end]);
    const isKept = world.orders.all().some(({ cancelRequestedAt }) => cancelRequestedAt !== null);
    cancel = answer === 'accepted' || isKept ? 'accepted' : 'refused';
  };
  if (point.cancel === 'beforeFirst') await cancelNow();
  await control.reveal(firstOf(left, point), clock.now());
  const doubled = point.returns.kind === 'doubled' ? left[point.returns.message] : undefined;
  if (doubled !== undefined && !isTimer(doubled)) await control.duplicate(doubled, clock.now());
  await rest(host);
  if (point.cancel === 'afterFirst') await cancelNow();
  return cancel;
}

/** Lets time pass until no message is left and the order has ended; the reconciler runs as its timer would. */
async function finish(host: Host, stage: Stage, life = new Life()): Promise<void> {
  let reconciledMs = stage.clock.now();
  let idleRuns = 0;
  for (let round = 0; round < ROUNDS && idleRuns < IDLE_RUNS && !life.isOver(); round += 1) {
    await rest(host);
    if (await somebodyActs(host, stage, life)) idleRuns = 0;
    else if (stage.control.messages().length > 0) passTime(stage);
    else {
      stage.clock.advance(IDLE_MS);
      idleRuns += 1;
    }
    if (stage.clock.now() - reconciledMs < RECONCILE_EVERY_MS) continue;
    reconciledMs = stage.clock.now();
    await Promise.race([runReconciler(host, stage.marks), life.end]);
    if (stage.control.messages().length > 0) idleRuns = 0;
  }
}

async function report(
  { world, control }: Stage,
  {
    isGood,
    cancel,
    life,
    left,
  }: { isGood: boolean; cancel: 'none' | 'accepted' | 'refused'; life: Life; left: readonly QueueMessage[] },
): Promise<Ran> {
  const [order] = world.orders.all();
  const { ledger } = world.services;
  const effects = ledger.map(({ effect }) => effect);
  const base = { moments: life.moments, left: left.map(textOf), effects };
  if (order === undefined) return { ...base, kinds: [], status: 'not placed', events: [] };
  const events = await world.orders.eventsAfter(SCOPE, order.orderId, 0);
  const kinds = judge({ order, events, ledger, isGood, cancel });
  const stuck = control.messages().length > 0 ? [' with messages left'] : [];
  return {
    ...base,
    kinds,
    status: `${order.status}${stuck.join('')}`,
    events: events.map(({ type }) => type),
  };
}

function textOf({ queue, body }: QueueMessage): string {
  return body.kind === 'activity'
    ? `${queue} ${body.task.name}`
    : `${queue} ${body.kind} ${body.taskId ?? ''}`;
}
