// An order whose total is 0: the saga runs as for any other, and the payment service is not called.
import { cleanUp } from 'azure-local/testing/durable-harness';
import { orderRequest } from '../support/orders';
import { openSaga, registerSaga, type SagaHarness } from '../support/saga-harness';

beforeAll(registerSaga);
afterEach(cleanUp);

const free = {
  totalMinor: 0,
  lines: orderRequest.lines.map((line) => ({ ...line, unitPriceMinor: 0 })),
};

/** The operations that the services are asked for, oldest first. */
function callsOf({ services }: SagaHarness): string[] {
  const calls: string[] = [];
  services.around = (moment, operation) => {
    if (moment === 'before') calls.push(operation);
    return Promise.resolve();
  };
  return calls;
}

describe('a free order', () => {
  test('completes without a charge, and its payment says that nothing was taken', async () => {
    const saga = await openSaga();
    const calls = callsOf(saga);
    const { order, events } = await saga.finish(await saga.place(free));
    expect(calls).toEqual(['reserve', 'ship', 'confirm']);
    expect(order).toMatchObject({
      status: 'completed',
      totalMinor: 0,
      payments: [{ amountMinor: 0, transactionId: `free-${order.orderId}` }],
      saga: {
        completedSteps: ['ReserveInventory', 'ProcessPayment', 'CreateShipment', 'ConfirmInventory'],
      },
    });
    expect(events.find(({ type }) => type === 'PaymentProcessed')?.data).toMatchObject({
      amountMinor: 0,
      transactionId: `free-${order.orderId}`,
    });
  });

  test('completes while the payment service is away', async () => {
    const saga = await openSaga();
    saga.services.faults.charge = ['down'];
    saga.services.forever.add('charge');
    expect((await saga.finish(await saga.place(free))).order.status).toBe('completed');
  });

  test('whose carrier refuses is undone without a refund', async () => {
    const saga = await openSaga();
    const calls = callsOf(saga);
    saga.services.faults.ship = ['refuse'];
    const { order, effects } = await saga.finish(await saga.place(free));
    expect(calls).toEqual(['reserve', 'ship', 'release']);
    expect(effects).toEqual(['stockReserved', 'stockReleased']);
    expect(order).toMatchObject({
      status: 'failed',
      saga: { compensatedSteps: ['ProcessPayment', 'ReserveInventory'], needsIntervention: false },
    });
  });

  test('that costs one minor unit is charged and refunded', async () => {
    const saga = await openSaga();
    const calls = callsOf(saga);
    saga.services.faults.ship = ['refuse'];
    await saga.finish(await saga.place({ ...free, totalMinor: 1 }));
    expect(calls).toEqual(['reserve', 'charge', 'ship', 'refund', 'release']);
  });
});
