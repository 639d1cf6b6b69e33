// S3: what one look-up by key decides about a call whose outcome nobody told.
import type { ServiceCall } from '../../src/ports/downstream';
import { cleanUp } from 'azure-local/testing/durable-harness';
import type { FakeServices, Operation } from '../support/fake-services';
import { openSaga, registerSaga, type Finished } from '../support/saga-harness';

beforeAll(registerSaga);
afterEach(cleanUp);

/** Every operation that undoes a step, with the step that it undoes. */
const UNDOING = [
  ['release', 'ReserveInventory'],
  ['refund', 'ProcessPayment'],
  ['cancel', 'CreateShipment'],
] as const;

/** Every operation before the pivot, as made and undone under one key. */
const CLOSING = {
  reserve: async ({ inventory }: FakeServices, call: ServiceCall) => {
    await inventory.reserve(call, []);
    await inventory.release(call, call.key);
  },
  charge: async ({ payment }: FakeServices, call: ServiceCall) => {
    await payment.charge(call, { amountMinor: 1, currency: 'USD', method: 'card' });
    await payment.refund(call, call.key);
  },
  ship: async ({ shipping }: FakeServices, call: ServiceCall) => {
    await shipping.ship(call, { address: null, itemCount: 1, tenantId: 'default' });
    await shipping.cancel(call, call.key);
  },
};

/** A saga whose carrier made the shipment and could not tell, so that all three steps are undone. */
async function openUndone(operation: Operation, fault: 'loseAnswer' | 'hang'): Promise<Finished> {
  const saga = await openSaga();
  const { services } = saga;
  services.faults.ship = ['loseAnswer'];
  services.faults[operation] = [fault];
  services.lookUps = false;
  services.around = (moment, called) => {
    if (moment === 'before' && UNDOING.some(([undo]) => undo === called)) services.lookUps = true;
    return Promise.resolve();
  };
  return saga.finish(await saga.place());
}

test.each(['reserve', 'charge', 'ship', 'confirm'] as const)(
  'S3: a %s that acted and lost its answer is found by its key: one effect, at the first attempt',
  async (operation) => {
    const saga = await openSaga();
    saga.services.faults[operation] = ['loseAnswer'];
    const { order, effects } = await saga.finish(await saga.place());
    expect(effects).toEqual(['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed']);
    expect(Object.values(order.saga.attempts)).toEqual([1, 1, 1, 1]);
  },
);

test.each(UNDOING)(
  'S3: a %s that acted and lost its answer is found by its key, and no operator is asked',
  async (operation) => {
    const { order } = await openUndone(operation, 'loseAnswer');
    expect(order.saga).toMatchObject({
      compensatedSteps: ['CreateShipment', 'ProcessPayment', 'ReserveInventory'],
      needsIntervention: false,
    });
  },
);

test.each(UNDOING)(
  'S3: a %s that never arrived is not taken for made because its key is known',
  async (operation, step) => {
    const { order } = await openUndone(operation, 'hang');
    expect(order.saga.needsIntervention).toBe(true);
    expect(order.saga.compensatedSteps).toHaveLength(2);
    expect(order.saga.compensatedSteps).not.toContain(step);
  },
);

test('S26: a refund that lost its answer and had nothing to give back is proved by the closed key', async () => {
  const saga = await openSaga();
  saga.services.faults.charge = ['hang'];
  saga.services.faults.refund = ['loseAnswer'];
  const { order, effects } = await saga.finish(await saga.place());
  expect(effects).toEqual(['stockReserved', 'stockReleased']);
  expect(order.saga.needsIntervention).toBe(false);
});

test.each(Object.entries(CLOSING))(
  'S3: a %s that is unknown and was undone under its key is not taken for done',
  async (name, close) => {
    const operation = name as keyof typeof CLOSING;
    const saga = await openSaga();
    const { services } = saga;
    let isClosed = false;
    services.around = async (moment, called, call) => {
      if (moment === 'after' || called !== operation || isClosed) return;
      isClosed = true;
      await close(services, call);
      services.faults[operation] = ['hang'];
    };
    const { result } = await saga.finish(await saga.place());
    expect(result).toMatchObject({ success: false, finalStatus: 'failed' });
  },
);
