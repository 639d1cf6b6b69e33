// SIGKILL in the saga mode choreography, on the whole local platform: at the writes of an order's steps.
// Another host goes on where the stream stands, and every effect is there once.
import { startSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { crashSystem } from '../../tools/crash/system';
import { orderIdFor } from '../../src/commands/place-order';
import { SCOPE } from '../support/orders';

const CHOREOGRAPHY = { 'OrderProcessing:SagaMode': 'choreography' };

const HAPPY = ['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed'];
const UNDONE = ['stockReserved', 'charged', 'refunded', 'stockReleased'];

/** By the event in whose write the host is killed. */
const KILLS: readonly (readonly [type: string, customerId: string, effects: readonly string[]])[] = [
  ['StockReserved', 'kill-reserved', HAPPY],
  ['PaymentProcessed', 'kill-paid', HAPPY],
  ['ShipmentCreated', 'kill-shipped', HAPPY],
  ['StockConfirmed', 'kill-confirmed', HAPPY],
  ['ShipmentFailed', 'noship-kill-failed', UNDONE],
  ['PaymentRefunded', 'noship-kill-refunded', UNDONE],
  ['OrderFailed', 'noship-kill-ended', UNDONE],
];

test.each(['arrival', 'answer'] as const)(
  'S17: SIGKILL to the host at the %s of the write of each step: every effect is there once, and the order ends',
  async (moment) => {
    const system = await startSystem({ settings: CHOREOGRAPHY });
    try {
      const crash = crashSystem(system);
      const rules = KILLS.map(([type, customerId]) => ({
        container: 'orders',
        contains: [`"${type}"`, orderIdFor(SCOPE, customerId)],
        moment,
      }));
      await crash.hold(rules);
      const ids = await Promise.all(
        KILLS.map(([, customerId]) => crash.postUntilTaken({ customerId, key: customerId })),
      );
      await until('every write is held', async () => (await crash.held()).every((held) => held > 0), 60_000);
      await system.kill('host');
      await crash.hold([]);
      await system.recovered();
      const after = crashSystem(system);
      for (const [index, [, , effects]] of KILLS.entries()) {
        const orderId = ids[index] ?? '';
        await until(
          `${orderId} has ended`,
          async () => (await after.store.read(SCOPE, orderId))?.order.ended,
          120_000,
        );
        expect((await after.effects(orderId)).map(({ effect }) => effect)).toEqual(effects);
      }
    } finally {
      await system.stop();
    }
  },
  240_000,
);
