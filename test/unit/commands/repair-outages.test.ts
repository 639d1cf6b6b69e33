// Repair of orders while the store refuses their writes or the task hub is away.
import { TerminalError, TransientError } from '../../../src/errors';
import { done, openCommandPorts as open, QUIET_MS, reconcile } from '../../support/command-ports';
import { endedAs, FORWARD, lastOf } from '../../support/ended-orders';

describe('a store that answers and refuses the writes of one order', () => {
  test('is asked at growing intervals, with one error line each, and in the end an operator is told', async () => {
    const app = open();
    const orderId = await endedAs(app, 'lost', ...FORWARD);
    await done(app, orderId, 'CreateShipment');
    const append = app.orders.append.bind(app.orders);
    let refused = 0;
    app.orders.append = (...write) => {
      if (!write[4].some(({ type }) => type === 'StockConfirmed')) return append(...write);
      refused += 1;
      return Promise.reject(new TerminalError('STORE_REFUSED', 'the store refused a batch (413)'));
    };
    for (let run = 0; run < 360; run += 1) {
      await reconcile(app);
      app.pass(5_000);
    }
    const lines = app.lines.error.map(([event]) => event);
    const looks = lines.filter((event) => event === 'order not finished').length;
    expect(looks).toBeGreaterThan(5);
    expect(looks).toBeLessThan(15);
    expect(refused).toBeLessThan(looks * 8);
    expect(lines.filter((event) => event === 'manual intervention required')).toHaveLength(1);
    expect(await lastOf(app, orderId)).toMatchObject({
      data: {
        detailCode: 'NOT_FINISHED',
        reason: expect.stringContaining('refused a batch (413)') as string,
      },
    });
  });
});

test('a task hub that is away leaves everything as it is until the next look', async () => {
  const app = open();
  const orderId = await endedAs(app, 'lost', ...FORWARD);
  await done(app, orderId, 'CreateShipment');
  const find = app.ports.sagas.find.bind(app.ports.sagas);
  app.ports.sagas.find = () =>
    Promise.reject(new TransientError('TASK_HUB_UNAVAILABLE', 'away', { outage: true }));
  expect(await reconcile(app)).toMatchObject({ looked: 1, repaired: 0 });
  app.ports.sagas.find = find;
  app.pass(QUIET_MS);
  expect(await reconcile(app)).toMatchObject({ repaired: 1 });
});
