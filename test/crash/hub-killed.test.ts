// A host on the storage mode `azure` that dies when the message of an activity is in its queue and no history knows of it,
// and customers who cancel through another host while it is away.
import { wallClock } from 'azure-local/kit/clock';
import { poll } from '../../local/demo/system-client';
import { createAzureEngine } from 'azure-local/durable/azure/azure-engine';
import { createHubControl } from 'azure-local/durable/azure/hub-control';
import { WORK_ITEMS } from 'azure-local/durable/azure/messages';
import { raiseEvent } from 'azure-local/durable/client';
import { SharedFile } from 'azure-local/storage/shared-file';
import { hubFile } from 'azure-local/supervisor/data-folder';
import { isAlive } from 'azure-local/supervisor/process-life';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { cancelOrder } from '../../src/commands/cancel-order';
import type { SagaControl } from '../../src/ports/saga-control';
import { CANCEL_SIGNAL } from '../../src/saga/engine/saga-run';
import { accountProblems, type Account } from '../../tools/crash/account';
import { ALL_EFFECTS, effectNames, endOf, type Ended } from '../../tools/crash/end';
import { crashSystem, type CrashSystem } from '../../tools/crash/system';
import { SCOPE } from '../support/orders';

interface Dying {
  readonly key: string;
  /** How far the call is whose activity no history knows of: never begun, not answered, or recorded and answered. */
  readonly call: 'notBegun' | 'underWay' | 'answered';
  /** Whether the saga is told at once, or the signal is lost. */
  readonly cancel: 'never' | 'told' | 'untold';
}

/** The last one kills the host by its own message. */
const DYING: readonly Dying[] = [
  { key: 'good', call: 'answered', cancel: 'never' },
  { key: 'good-slow', call: 'underWay', cancel: 'never' },
  { key: 'told', call: 'answered', cancel: 'told' },
  { key: 'told-slow', call: 'underWay', cancel: 'told' },
  { key: 'untold', call: 'answered', cancel: 'untold' },
  { key: 'untold-slow', call: 'underWay', cancel: 'untold' },
  { key: 'killer', call: 'notBegun', cancel: 'told' },
];

const STEPS = [
  { step: 'ProcessPayment', service: 'payments', operation: 'charge', event: 2, effect: 'charged' },
  { step: 'CreateShipment', service: 'shipping', operation: 'ship', event: 3, effect: 'shipmentCreated' },
] as const;
type Step = (typeof STEPS)[number];

interface Story {
  readonly ended: ReadonlyMap<string, Judged>;
  /** Whether the call had acted when the host died. */
  readonly acted: ReadonlyMap<string, boolean>;
  /** What cancels were answered with. */
  readonly answers: ReadonlyMap<string, number>;
}
type Judged = Ended & { readonly account: Account };

let stories: ReadonlyMap<string, Story>;
beforeAll(async () => {
  stories = new Map(await Promise.all(STEPS.map(async (at) => [at.step, await play(at)] as const)));
});

/** What of a killed host is hidden for as long as this comes back after the next host has begun, also on a busy machine. */
const VISIBILITY_S = 8;

async function play(at: Step): Promise<Story> {
  const environment = { LOCAL_HUB_KILL_AT: `messageSent ${at.step}#${DYING.length}` };
  const args = ['--storage', 'azure', '--visibility', String(VISIBILITY_S)];
  const system = await startSystem({ args, environment });
  try {
    const host = system.pids.host;
    const ids = await placeAll(crashSystem(system), at);
    await until('the host has killed itself', () => !isAlive(host));
    const effects = await crashSystem(system).effects();
    const hasActed = (key: string): boolean =>
      effects.some((one) => one.customerId === key && one.effect === at.effect);
    const answers = await onAnotherHost(system, (cancel) => cancelAll(cancel, ids));
    await until('the host serves again', () => system.pids.host !== host);
    const ended = await endsOf(system, ids, answers);
    return { ended, answers, acted: new Map(DYING.map(({ key }) => [key, hasActed(key)])) };
  } finally {
    await system.stop();
  }
}

describe.each(STEPS)('SIGKILL between the message of $step and the history', ({ step }) => {
  const story = (key: string) => {
    const { ended, answers, acted } = stories.get(step) ?? {};
    return { ...ended?.get(key), answer: answers?.get(key), acted: acted?.get(key) };
  };

  test.each(DYING.map((one) => [one.key, one] as const))('the call of %s was as far as it says', (_, one) => {
    expect(story(one.key).acted).toBe(one.call === 'answered');
  });

  test.each(DYING.filter(({ cancel }) => cancel === 'never').map(({ key }) => key))(
    'S1, S8, S28: the good order %s is completed, with every effect once',
    (key) => {
      const { end, account } = story(key);
      expect(end?.status).toBe('completed');
      expect(end && effectNames(end)).toEqual(ALL_EFFECTS);
      expect(account && accountProblems(account)).toEqual([]);
    },
  );

  test.each(DYING.filter(({ cancel }) => cancel !== 'never').map(({ key }) => key))(
    'S1, S7, S22, S25: the order %s ends as its cancel was answered, and money, parcel and stock agree with it',
    (key) => {
      const { end, order, account, answer } = story(key);
      expect(end?.status).toBe(answer === 202 ? 'cancelled' : 'completed');
      expect(end?.events.includes('ShipmentCreated')).toBe(answer !== 202);
      expect(order?.saga.needsIntervention).toBe(false);
      expect(account && accountProblems(account)).toEqual([]);
    },
  );
});

/** Brings every order between its message and its history; the last one ends the host there. */
async function placeAll(system: CrashSystem, at: Step): Promise<ReadonlyMap<string, string>> {
  const { service, operation, event } = at;
  const waiting = DYING.slice(0, -1);
  const slow = waiting.filter(({ call }) => call === 'underWay');
  await system.client.planFaults(
    slow.map(({ key }) => ({ service, operation, customerId: key, fault: 'hang', times: 1 })),
  );
  await system.holdEpisodes(
    waiting.map(({ key }) => ({ contains: [`"correlationId":"${key}"`], event, moment: 'sent' })),
  );
  const ids = new Map<string, string>();
  const place = async ({ key }: Dying): Promise<unknown> =>
    ids.set(key, await system.postUntilTaken({ customerId: key, key }));
  await Promise.all(waiting.map(place));
  await poll(
    () => system.heldEpisodes(),
    (held) => held.length === waiting.length && held.every((one) => one.held > 0),
  );
  await poll(
    async () => ({ calls: await system.calls(), effects: await system.effects() }),
    ({ calls, effects }) =>
      waiting.every(({ key, call }) =>
        call === 'underWay'
          ? calls.some((one) => one.correlationId === key && one.operation === operation)
          : effects.some((one) => one.customerId === key && one.effect === at.effect),
      ),
  );
  for (const last of DYING.slice(-1)) await place(last);
  return ids;
}

type Cancel = (orderId: string, isTold: boolean) => Promise<number>;

async function cancelAll(
  cancel: Cancel,
  ids: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, number>> {
  const answers = new Map<string, number>();
  for (const { key, cancel: how } of DYING)
    if (how !== 'never') answers.set(key, await cancel(ids.get(key) ?? '', how === 'told'));
  return answers;
}

/** Runs `work` with the cancel of another host on the same hub: it has no lease, and works on nothing. */
async function onAnotherHost<T>(system: RunningSystem, work: (cancel: Cancel) => Promise<T>): Promise<T> {
  const file = new SharedFile(hubFile(system.dataDir));
  const ignore = (): void => undefined;
  const log = { info: ignore, warn: ignore, error: ignore };
  const clock = wallClock();
  const functions = {
    kindOf: () => undefined,
    entities: () => [],
    invoke: () => Promise.reject(new Error('not this host')),
  };
  const engine = createAzureEngine({
    file,
    clock,
    functions,
    log,
    hubName: 'OrderSagaHub',
    hostId: 'another',
  });
  const nothing = (): Promise<void> => Promise.resolve();
  try {
    return await work(async (orderId, isTold) => {
      const sagas: SagaControl = {
        ...{
          start: nothing,
          suspend: nothing,
          resume: nothing,
          terminate: nothing,
          ping: nothing,
          signalApproval: nothing,
        },
        find: () => Promise.resolve({ runtimeStatus: 'running', customStatus: null, output: null }),
        signalCancel: async (id) => {
          if (isTold) await raiseEvent(engine, id, CANCEL_SIGNAL, '{}');
        },
      };
      const ports = { orders: crashSystem(system).store, sagas, log, clock: { nowMs: () => clock.now() } };
      const { kind } = await cancelOrder(ports, {
        scope: SCOPE,
        orderId,
        requestedBy: 'customer',
        reason: null,
      });
      return kind === 'accepted' ? 202 : 409;
    });
  } finally {
    await engine.close();
    await file.close();
  }
}

/** Judged when no activity is hidden any more: what a forgotten one did counts. */
async function endsOf(
  running: RunningSystem,
  ids: ReadonlyMap<string, string>,
  answers: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, Judged>> {
  const system = crashSystem(running);
  await Promise.all([...ids.values()].map((id) => endOf(system, id)));
  const file = new SharedFile(hubFile(running.dataDir));
  const hub = createHubControl(file);
  await until('no activity is left', () => hub.messages().every(({ queue }) => queue !== WORK_ITEMS));
  await file.close();
  const ended = new Map<string, Judged>();
  for (const [key, id] of ids) {
    const end = await endOf(system, id);
    const [stream, effects] = [await system.store.eventsAfter(SCOPE, id, 0), await system.effects(id)];
    const account = { order: end.order, stream, effects, before: null, cancelAnswer: answers.get(key) };
    ended.set(key, { ...end, account });
  }
  return ended;
}
