// SIGKILL between the order's write and what is told of it, in both halves: no event is lost, none overtakes another,
// and what is told twice is dropped by its message id. Judged by what lies on the topic.
import { until } from 'azure-local/kit/until';
import { crashSystem, type CrashSystem } from '../../tools/crash/system';
import { openOrderQueue } from '../support/order-queue';
import { openOrderTopic, type OrderTopic } from '../support/order-topic';
import { SCOPE } from '../support/orders';
import { startSystemBehindProxy, type SystemBehindProxy } from '../support/system-behind-proxy';

let running: SystemBehindProxy;
let crash: CrashSystem;
let topic: OrderTopic;

beforeAll(async () => {
  running = await startSystemBehindProxy();
  look();
});
afterAll(() => running.stop());

function look(): void {
  crash = crashSystem(running.system);
  topic = openOrderTopic(running.system.urls.servicebus);
}

const place = (customerId: string): Promise<string> => crash.postUntilTaken({ customerId, key: customerId });

async function untilEnded(ids: readonly string[]): Promise<void> {
  await until('the orders have ended', async () => {
    const orders = await Promise.all(ids.map((id) => crash.store.read(SCOPE, id)));
    return orders.every((stored) => stored?.order.ended === true);
  });
}

async function expectWholeStream(orderId: string): Promise<void> {
  const events = await topic.sessionUntil(orderId, 'OrderCompleted');
  expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
}

test('SIGKILL to the host after orders were written and before their events were sent loses none', async () => {
  await running.broker.shut();
  const ids = await Promise.all(['unsent-1', 'unsent-2', 'unsent-3'].map(place));
  await untilEnded(ids);
  await running.system.kill('host');
  await running.broker.open();
  await running.system.recovered();
  for (const id of ids) await expectWholeStream(id);
});

test('SIGKILL to the host after events were sent and before the position was written publishes none twice', async () => {
  await crash.hold([{ contains: ['LeaseToken', 'ContinuationToken'], moment: 'arrival' }]);
  const id = await place('sent-not-remembered');
  await until('an event is on the topic', async () => (await topic.session(id)).length > 0);
  await until('the feed position is held', async () => (await crash.held()).some((held) => held > 0));
  await running.system.kill('host');
  await crash.hold([]);
  await running.system.recovered();
  await expectWholeStream(id);
  const created = await topic.subscription('order-created-events');
  expect(created.filter(({ sessionId }) => sessionId === id)).toHaveLength(1);
});

test('SIGKILL to the host between sending a failure and writing the position sends it again, and the queue drops the second', async () => {
  const queue = openOrderQueue(running.system.urls.servicebus);
  const told = async (id: string): Promise<number> =>
    (await queue.failures()).filter(({ messageId }) => messageId === `${id}:failed`).length;
  // A host that starts when the order has ended finds the whole of it in one page, and keeps at it while the broker is
  // away: no position is written until the failure is told.
  await running.broker.shut();
  const orderId = await place('noship-told-twice');
  await untilEnded([orderId]);
  await running.system.kill('host');
  await running.system.recovered();
  await crash.hold([{ contains: ['LeaseToken', 'ContinuationToken'], moment: 'arrival' }]);
  await running.broker.open();
  await until('the failure is on the queue', async () => (await told(orderId)) > 0);
  await running.system.kill('host');
  await crash.hold([]);
  await running.system.recovered();
  const later = await place('noship-told-later');
  await until('a later failure is on the queue', async () => (await told(later)) > 0);
  expect(await told(orderId)).toBe(1);
  await queue.close();
}, 150_000);

test('SIGKILL to everything while events are published loses no event and keeps the sequence of each order', async () => {
  const ids = await Promise.all(Array.from({ length: 40 }, (_, index) => place(`all-killed-${index}`)));
  await until(
    'some are published',
    async () => (await topic.subscription('order-created-events')).length > 10,
  );
  await running.system.kill('all');
  await running.system.restart();
  look();
  for (const id of ids) await expectWholeStream(id);
}, 150_000);
