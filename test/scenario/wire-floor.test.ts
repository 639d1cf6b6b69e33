// The wire floor of `npm run tool:bench` stays honest: when the app makes other calls for an order, this says which.
import { startSystem } from 'azure-local/supervisor/running-system';
import { startFloor } from '../../tools/bench/floor/start';
import { differencesOf } from '../../tools/bench/harness/floor-check';
import { activitiesOf, eventsOf } from '../../tools/bench/harness/order-counts';
import { measureOrders, whileMeasured, type OrderFigures } from '../../tools/bench/harness/order-figures';
import { closeConnections, overHttp, type OrderTarget } from '../../tools/bench/harness/order-target';

const figuresOf = (target: OrderTarget): Promise<OrderFigures> =>
  whileMeasured(target, (measured) =>
    measureOrders('', measured, overHttp(target), { one: 1, many: 8, inFlight: 4 }),
  );

test('the wire floor makes the calls of a full order, and no saga runs in it', async () => {
  const system = await startSystem();
  const { order, events } = await (async () => {
    try {
      const figures = await figuresOf(system);
      expect(await activitiesOf(system, figures.sampleOrderId)).toBe(4);
      return { order: figures, events: await eventsOf(system, figures.sampleOrderId) };
    } finally {
      await system.stop();
    }
  })();
  const floor = await startFloor(events);
  try {
    const figures = await figuresOf(floor);
    expect(differencesOf(figures, order)).toEqual([]);
    expect(figures.serviceCalls).toHaveLength(5);
    expect(figures.messages).toHaveLength(8);
  } finally {
    await floor.stop();
    await closeConnections();
  }
});
