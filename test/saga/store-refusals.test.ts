// The order saga on a store that answers and yet refuses what one of its steps writes: waiting does not mend that.
import { cleanUp } from 'azure-local/testing/durable-harness';
import { openSaga, registerSaga, type SagaHarness } from '../support/saga-harness';
import { TerminalError } from '../../src/errors';

/** Has the store refuse every batch with an event of this type, as Cosmos DB refuses one that is too large. */
function refuse(saga: SagaHarness, type: string): { lift(): void } {
  const append = saga.orders.append.bind(saga.orders);
  saga.orders.append = (...request) =>
    request[4].some((event) => event.type === type)
      ? Promise.reject(new TerminalError('STORE_REFUSED', 'the store refused a batch (413)'))
      : append(...request);
  return { lift: () => void (saga.orders.append = append) };
}

beforeAll(registerSaga);
afterEach(cleanUp);

describe('a store that refuses one write for good', () => {
  test.each([
    ['StockReserved', ['stockReserved', 'stockReleased']],
    ['PaymentProcessed', ['stockReserved', 'charged', 'refunded', 'stockReleased']],
    [
      'ShipmentCreated',
      ['stockReserved', 'charged', 'shipmentCreated', 'shipmentCancelled', 'refunded', 'stockReleased'],
    ],
  ])(
    '%s: the saga gives up after minutes, asks for an operator, and undoes the effect',
    async (type, effects) => {
      const saga = await openSaga();
      refuse(saga, type);
      const orderId = await saga.place();
      const startedMs = saga.clock.now();
      const finished = await saga.finish(orderId);
      expect(finished.effects).toEqual(effects);
      expect(finished.order).toMatchObject({
        ended: true,
        status: 'failed',
        saga: { needsIntervention: true },
      });
      expect(saga.clock.now() - startedMs).toBeGreaterThanOrEqual(3 * 60_000);
      expect(saga.clock.now() - startedMs).toBeLessThan(10 * 60_000);
      const opened = finished.events.filter(({ type: seen }) => seen === 'InterventionOpened');
      expect(opened).toHaveLength(1);
      expect(opened[0]?.data).toMatchObject({ detailCode: 'STORE_REFUSED' });
    },
  );

  test('is waited for when that lasts shorter', async () => {
    const saga = await openSaga();
    const refusal = refuse(saga, 'PaymentProcessed');
    const orderId = await saga.place();
    await saga.settled(orderId);
    for (let seconds = 0; seconds < 60; seconds += 1) {
      saga.clock.advance(1_000);
      await saga.engine.idle();
    }
    refusal.lift();
    const { order, effects } = await saga.finish(orderId);
    expect(order).toMatchObject({ status: 'completed', saga: { needsIntervention: false } });
    expect(effects).toEqual(['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed']);
  });
});
