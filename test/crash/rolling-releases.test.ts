// Releases rolled over two hosts on one hub and one store, there and back, under load and with SIGKILL at every change: no order
// is lost, failed or parked for it, and each ends on the version it began with (S12, S21). Judged by store, ledger and topic.
import { poll } from '../../local/demo/system-client';
import { until } from 'azure-local/kit/until';
import type { OrderHead } from '../../src/domain/order';
import { openAppDatabase } from '../support/app-database';
import { ALL_EFFECTS } from '../../tools/crash/end';
import { openOrderTopic } from '../support/order-topic';
import { SCOPE } from '../support/orders';
import {
  openReleases,
  type HostNumber,
  type Release,
  type RollingReleases,
} from '../support/rolling-releases';

/** One host after the other, there, back to the release that knows neither the step nor its event, and there again. */
const ROLLS: readonly (readonly [HostNumber, Release])[] = [
  ...[[1, 'learns-screening'] as const, [2, 'learns-screening'] as const],
  ...[[2, 'speaks-screening'] as const, [1, 'speaks-screening'] as const],
  ...[[1, 'learns-screening'] as const, [2, 'learns-screening'] as const],
  ...[[2, 'this'] as const, [1, 'this'] as const],
  ...[[1, 'learns-screening'] as const, [2, 'learns-screening'] as const],
];
/** From this roll on every host speaks version 2; after the other no host has it. */
const [SPOKEN, TAKEN_BACK] = [4, 7];
const ORDERS_PER_ROLL = 6;
const HELD = 4;
/** Above the hidden time of a dead host's messages, for each that may be killed with them. */
const END_WITHIN_MS = 290_000;

let releases: RollingReleases;
/** Order ids, of the load by the roll during which they were placed. */
const byRoll: string[][] = [];
const placed: string[][] = [];

const place = (customerId: string, count: number): Promise<string[]> => {
  const at = releases.at();
  const keys = Array.from({ length: count }, (_, n) => `${customerId}-${n}`);
  return Promise.all(keys.map((key) => at.postUntilTaken({ customerId, key })));
};

/** Orders of version 2 whose payment service is away until every host is of the release without that version. */
async function holdPayments(): Promise<string[]> {
  const { client } = releases.at();
  await client.planFaults([{ service: 'payments', operation: 'charge', customerId: 'held', fault: 'down' }]);
  const ids = await place('held', HELD);
  await until('they stand at their payment', async () =>
    (await Promise.all(ids.map(orderOf))).every(({ status }) => status === 'inventoryReserved'),
  );
  return ids;
}

/** Waits until that release has met one of them, and lets the payment service come back. */
async function meetHeld(): Promise<void> {
  const { system } = releases;
  await until('an old host has left an instance alone', () => system.output().includes(' stays as it is. '));
  await releases.at().client.planFaults([]);
}

beforeAll(async () => {
  releases = await openReleases({
    OrderProcessing__SagaTimeoutMinutes: '60',
    OrderProcessing__BreakerOpenSeconds: '1',
  });
  for (const [index, [host, release]] of ROLLS.entries()) {
    if (index === SPOKEN) placed.push(await holdPayments());
    const customerId = `roll-${index}`;
    const at = releases.at();
    const placing = place(customerId, ORDERS_PER_ROLL);
    await until('the load has begun to pay', async () =>
      (await at.effects()).some((effect) => effect.customerId === customerId && effect.effect === 'charged'),
    );
    await releases.roll(host, release);
    byRoll.push(await placing);
    if (index === TAKEN_BACK) await meetHeld();
  }
  placed.push(...byRoll);
});
afterAll(() => releases.close());

const orderOf = async (id: string): Promise<OrderHead> => {
  const stored = await releases.at().store.read(SCOPE, id);
  if (stored === undefined) throw new Error(`order ${id} is lost`);
  return stored.order;
};

test('S21: every order is completed, on the version that its creation names, with the effects of that version', async () => {
  const ids = placed.flat();
  const orders = await poll(
    () => Promise.all(ids.map(orderOf)),
    (found) => found.every(({ ended, saga }) => ended || saga.needsIntervention),
    END_WITHIN_MS,
  );
  const ledger = (await releases.at().client.ledger()) as readonly {
    orderId: string;
    effect: string;
    key: string;
  }[];
  const ends = orders.map(({ orderId, status, saga }) => {
    const own = ledger.filter((line) => line.orderId === orderId);
    return {
      status,
      asked: saga.needsIntervention,
      version: saga.definitionVersion,
      effects: own.map(({ effect }) => effect).filter((effect) => effect !== 'notified'),
      screened: own.filter(({ key }) => key === `${orderId}:ScreenCustomer`).length,
      steps: saga.completedSteps.includes('ScreenCustomer'),
    };
  });
  expect(ends).toEqual(
    ends.map(({ version }) => ({
      ...{ status: 'completed', asked: false, version, effects: ALL_EFFECTS },
      ...{ screened: version === 2 ? 1 : 0, steps: version === 2 },
    })),
  );
});

test('S21: new orders begin with version 2 once a release speaks it, and with version 1 before and afterwards', async () => {
  const versions = await Promise.all(
    byRoll.map(async (ids) => [
      ...new Set(await Promise.all(ids.map(async (id) => (await orderOf(id)).saga.definitionVersion))),
    ]),
  );
  // Before roll 2 and after roll 5 no host speaks; at roll 4 both do, until one of them is rolled.
  for (const [index, found] of versions.entries())
    if (index < 2 || index > 5) expect([index, found]).toEqual([index, [1]]);
  expect(versions[SPOKEN]).toContain(2);
});

test('S21: every event of every order is on the topic, and nothing is parked', async () => {
  const topic = openOrderTopic(releases.system.urls.servicebus);
  for (const id of placed.flat()) {
    const { version } = await orderOf(id);
    const events = await topic.sessionUntil(id, 'OrderCompleted');
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: version }, (_, n) => n + 1));
  }
  const parking = await openAppDatabase(releases.system.urls.cosmos).container('parking')();
  const { resources } = await parking.items.readAll().fetchAll();
  expect(resources).toEqual([]);
});
