// SIGKILL while messages are taken and while failures are told: every message becomes one order, and no failure stays
// untold. Judged by queues, store and ledger.
import { until } from 'azure-local/kit/until';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { crashSystem, type CrashSystem } from '../../tools/crash/system';
import type { StoredSpan } from 'azure-local/telemetry/otlp-spans';
import { openOrderQueue, orderMessage, type OrderQueue } from '../support/order-queue';
import { spansOf } from '../support/printed-trace';

const items = [{ productId: 'queue-lamp', productName: 'Desk lamp', quantity: 1, unitPrice: 10 }];
const message = (customerId: string) => orderMessage(customerId, { customerId, items });

/** The lock that a killed host leaves on a message ends after a minute; then the broker gives it out again. */
const LOCK_ENDS_MS = 150_000;

let system: RunningSystem;
let crash: CrashSystem;
let queue: OrderQueue;

beforeAll(async () => {
  // The breaker of the broker opens when the platform is gone; it is tried again soon.
  system = await startSystem({ settings: { 'OrderProcessing:BreakerOpenSeconds': '1' } });
  crash = crashSystem(system);
  queue = openOrderQueue(system.urls.servicebus);
});
afterAll(async () => {
  await queue.close();
  await system.stop();
});

async function ended(customerId: string): Promise<{ orderId: string; status: string }> {
  return until(
    `the order of ${customerId} has ended`,
    async () => {
      const order = await crash.storedOrder(customerId);
      return order?.ended === true && order;
    },
    LOCK_ENDS_MS,
  );
}

async function expectOneEffectEach(orderId: string): Promise<void> {
  const effects = (await crash.effects(orderId)).map(({ effect }) => effect);
  expect(effects).toEqual(['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed']);
}

describe('SIGKILL to the host', () => {
  const CUT = [
    { customerId: 'cut-before-write', moment: 'arrival' as const },
    { customerId: 'cut-after-write', moment: 'answer' as const },
  ];

  test('before and after a message was stored as an order leaves the message, and it becomes one order', async () => {
    await crash.hold(
      CUT.map(({ customerId, moment }) => ({ contains: ['OrderCreated', customerId], moment })),
    );
    await queue.send(...CUT.map(({ customerId }) => message(customerId)));
    await until('both writes are held', async () => (await crash.held()).every((held) => held > 0));
    await system.kill('host');
    await crash.hold([]);
    await system.recovered();
    for (const { customerId } of CUT) {
      const { orderId, status } = await ended(customerId);
      expect(status).toBe('completed');
      await expectOneEffectEach(orderId);
    }
    await until('the queue is empty', async () => (await queue.active()).length === 0, LOCK_ENDS_MS);
    expect(await queue.deadLetters()).toEqual([]);
  }, 150_000);

  test('in the midst of a traced order leaves one trace: every span is once in it, below one message', async () => {
    const traceId = '6af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    await crash.hold([{ contains: ['PaymentProcessed'], moment: 'answer' }]);
    await queue.send({ ...message('traced-and-cut'), applicationProperties: { traceparent } });
    await until('the write of the payment is held', async () =>
      (await crash.held()).some((held) => held > 0),
    );
    const { orderId } = await until('the order is stored', () => crash.storedOrder('traced-and-cut'));
    const spans = (): Promise<readonly StoredSpan[]> => spansOf(system.urls.telemetry, orderId);
    const has = (name: string) => async (): Promise<boolean> =>
      (await spans()).some((span) => span.name === name);
    await until('the first spans have arrived', has('ProcessOrder'));
    await system.kill('host');
    await crash.hold([]);
    await system.recovered();
    await ended('traced-and-cut');
    await until('the saga is in the trace', has('saga'));
    await until('the mail is in the trace', has('notification send'));
    const all = await spans();
    const ids = new Set(all.map(({ spanId }) => spanId));
    expect(new Set(all.map((span) => span.traceId))).toEqual(new Set([traceId]));
    const roots = all.filter(({ parentSpanId }) => parentSpanId === null || !ids.has(parentSpanId));
    expect(roots.map(({ name }) => name)).toEqual(['ProcessOrder']);
    expect(all.filter(({ name }) => name === 'saga')).toHaveLength(1);
    expect(all.filter(({ name }) => name === 'ProcessPayment')).toHaveLength(1);
  }, 150_000);
});

describe('SIGKILL to everything', () => {
  const CUSTOMERS = Array.from({ length: 60 }, (_, index) => `all-killed-${index}`);

  test('with messages under lock and sagas under way loses none and does nothing twice', async () => {
    await queue.send(...CUSTOMERS.map(message));
    await until('some are charged', async () => (await crash.effects()).filter(isOurCharge).length > 10);
    await queue.close();
    await system.kill('all');
    await system.restart();
    crash = crashSystem(system);
    queue = openOrderQueue(system.urls.servicebus);
    for (const customerId of CUSTOMERS) {
      const { orderId, status } = await ended(customerId);
      expect(status).toBe('completed');
      await expectOneEffectEach(orderId);
    }
    expect((await crash.effects()).filter(isOurCharge)).toHaveLength(CUSTOMERS.length);
    await queue.drained();
    expect(await queue.deadLetters()).toEqual([]);
  }, 150_000);

  const isOurCharge = ({ effect, customerId }: { effect: string; customerId: string }): boolean =>
    effect === 'charged' && customerId.startsWith('all-killed-');
});

describe('SIGKILL to the platform', () => {
  test('while orders fail delays their failure messages, and loses none', async () => {
    const orderIds = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        crash.postUntilTaken({ customerId: `noship-platform-${index}`, key: `platform-${index}` }),
      ),
    );
    await queue.close();
    await system.kill('platform');
    await system.recovered();
    crash = crashSystem(system);
    queue = openOrderQueue(system.urls.servicebus);
    await until('every failure is on the queue once', async () => {
      const told = (await queue.failures()).map(({ messageId }) => messageId);
      return orderIds.every((orderId) => told.filter((id) => id === `${orderId}:failed`).length === 1);
    });
  });
});
