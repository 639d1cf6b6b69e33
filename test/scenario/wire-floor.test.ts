// The wire floor of `npm run bench` stays honest: when the app makes other calls for an order, this says which.
import { ServiceBusClient } from '@azure/service-bus';
import { startSystem } from '../../local/supervisor/running-system';
import { emulatorBusConnection } from '../../local/supervisor/settings';
import { startFloor } from '../bench/floor/start';
import { differencesOf } from '../bench/harness/floor-check';
import { activitiesOf, eventsOf } from '../bench/harness/order-counts';
import { measureOrders, type OrderFigures } from '../bench/harness/order-figures';
import { createOrderRunner } from '../bench/harness/order-run';
import { closeConnections, overHttp, type OrderTarget } from '../bench/harness/order-target';

async function figuresOf(target: OrderTarget): Promise<OrderFigures> {
  const bus = new ServiceBusClient(emulatorBusConnection(target.urls.servicebus));
  const runner = createOrderRunner(target, bus);
  try {
    return await measureOrders('', { target, runner, bus }, overHttp(target), {
      one: 1,
      many: 8,
      inFlight: 4,
    });
  } finally {
    runner.close();
    await bus.close();
  }
}

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
    expect(figures.messages).toHaveLength(7);
  } finally {
    await floor.stop();
    await closeConnections();
  }
}, 120_000);
