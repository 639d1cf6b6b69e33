// Scenarios of the order saga by name, one for every way in which it can run: the committed histories are recorded
// from them. A recorded scenario keeps its name and its meaning.
import { cancelOrder } from '../../src/commands/cancel-order';
import { TransientError } from '../../src/errors';
import type { Fault, Operation } from './fake-services';
import { inThreeParts, SCOPE, withCoupon } from './orders';
import type { HarnessSettings, SagaHarness } from './saga-harness';

/** What a scenario asks of the saga, in either mode. */
export type ScenarioSaga = Pick<
  SagaHarness,
  'services' | 'orders' | 'clock' | 'sagas' | 'ports' | 'place' | 'cancel' | 'settled' | 'call'
>;

export interface Scenario {
  /** Settings that travel in the saga's input. */
  readonly settings?: HarnessSettings;
  /** Prepares what will happen; the id of the order when it has placed it itself. */
  readonly arrange: (saga: ScenarioSaga) => Promise<string> | undefined;
}

type Moment = 'before' | 'after';
type Faults = Partial<Record<Operation, Fault[]>>;

const withFaults = (faults: Faults, settings: HarnessSettings = {}): Scenario => ({
  settings,
  arrange: (saga) => {
    Object.assign(saga.services.faults, structuredClone(faults));
    return undefined;
  },
});

/** Lets `happen` come about once, around the first call of `operation`. */
const around = (
  moment: Moment,
  operation: Operation,
  happen: (saga: ScenarioSaga, orderId: string) => unknown,
  faults: Faults = {},
): Scenario => ({
  arrange: (saga) => {
    Object.assign(saga.services.faults, structuredClone(faults));
    let due = true;
    saga.services.around = async (when, what, { orderId }) => {
      if (!due || when !== moment || what !== operation) return;
      due = false;
      await happen(saga, orderId);
    };
    return undefined;
  },
});

const cancel = (saga: ScenarioSaga, orderId: string): Promise<unknown> => saga.cancel(orderId);
/** Short enough for one call to use it up. */
const SHORT_TIME_MS = 20_000;
const timeout = (saga: ScenarioSaga): void => saga.clock.advance(SHORT_TIME_MS);
/** With so little working time that one call may use it up. */
const briefly = (scenario: Scenario): Scenario => ({
  ...scenario,
  settings: { workingTimeMs: SHORT_TIME_MS },
});
const away = (operation: Operation): Scenario => ({
  arrange: (saga) => {
    saga.services.faults[operation] = ['down'];
    saga.services.forever.add(operation);
    return undefined;
  },
});
const times = (count: number, fault: Fault): Fault[] => Array.from({ length: count }, () => fault);

/** Places an order whose saga stands in a backoff of its payment, and suspends it. */
async function suspended(saga: ScenarioSaga): Promise<string> {
  saga.services.faults.charge = ['error'];
  const orderId = await saga.place();
  await saga.settled(orderId);
  await saga.call('POST', `/instances/${orderId}/suspend?reason=look`);
  await saga.settled(orderId);
  return orderId;
}

const resume = (saga: ScenarioSaga, orderId: string): Promise<unknown> =>
  saga.call('POST', `/instances/${orderId}/resume?reason=go`);

const threw = (): never => {
  throw new Error('as a bug would');
};

/** A step that is refused, tried again, given up, or of which nobody knows. */
const outcomes: Readonly<Record<string, Scenario>> = {
  completed: withFaults({}),
  'out-of-stock': withFaults({ reserve: ['refuse'] }),
  'card-declined': withFaults({ charge: ['refuse'] }),
  'carrier-refuses': withFaults({ ship: ['refuse'] }),
  'confirm-refused': withFaults({ confirm: ['refuse'] }),
  'reserved-late': withFaults({ reserve: ['error', 'down', 'error'] }),
  'payment-tried-three-times': withFaults({ charge: ['error', 'down'] }),
  'shipped-late': withFaults({ ship: ['down', 'error', 'error'] }),
  'confirmed-late': withFaults({ confirm: ['error', 'error'] }),
  'reservation-given-up': withFaults({ reserve: times(3, 'error') }),
  'payment-given-up': withFaults({ charge: times(3, 'error') }),
  'shipment-given-up': withFaults({ ship: times(3, 'error') }),
  'confirm-given-up': withFaults({ confirm: times(8, 'error') }),
  'reservation-unknown': withFaults({ reserve: ['hang'] }),
  'payment-unknown': withFaults({ charge: ['hang'] }),
  'shipment-unknown': withFaults({ ship: ['hang'] }),
  'confirm-unknown': withFaults({ confirm: ['hang'] }),
  'payment-answer-lost': withFaults({ charge: ['loseAnswer'] }),
  'shipment-answer-lost': withFaults({ ship: ['loseAnswer'] }),
  'activity-threw': around('before', 'charge', threw),
  'every-activity-failed-once': withFaults({
    ...{ reserve: ['error'], charge: ['error'], ship: ['error'], confirm: ['error'] },
  }),
};

const compensations: Readonly<Record<string, Scenario>> = {
  'refund-fails': withFaults({ ship: ['refuse'], refund: ['refuse'] }),
  'refund-transient': withFaults({ ship: ['refuse'], refund: ['error'] }),
  'refund-unknown': withFaults({ ship: ['refuse'], refund: ['hang'] }),
  'refund-waits-for-outage': withFaults({ ship: ['refuse'], refund: ['down', 'down'] }),
  'release-fails': withFaults({ charge: ['refuse'], release: ['refuse'] }),
  'refund-and-release-fail': withFaults({ ship: ['refuse'], refund: ['refuse'], release: ['refuse'] }),
  'compensation-threw': around('before', 'release', threw, { charge: ['refuse'] }),
  'shipment-overtaken-by-cancel': around('after', 'ship', cancel),
  'overtaken-shipment-not-called-back': around('after', 'ship', cancel, { cancel: ['refuse'] }),
};

const interruptions: Readonly<Record<string, Scenario>> = {
  'cancelled-while-reserving': around('before', 'reserve', cancel),
  'cancelled-after-reserving': around('after', 'reserve', cancel),
  'cancelled-while-charging': around('before', 'charge', cancel),
  'cancelled-after-charging': around('after', 'charge', cancel),
  'cancelled-while-shipping': around('before', 'ship', cancel),
  'cancelled-too-late': around('before', 'confirm', cancel),
  'cancelled-while-refunding': around('before', 'refund', cancel, { ship: ['refuse'] }),
  'cancelled-while-releasing': around('before', 'release', cancel, { charge: ['refuse'] }),
  'cancelled-when-payment-is-refused': around('before', 'charge', cancel, { charge: ['refuse'] }),
  'cancelled-twice': around('before', 'charge', async (saga, orderId) => {
    await saga.cancel(orderId);
    await saga.cancel(orderId);
  }),
  'cancel-signal-lost': around('after', 'reserve', (saga, orderId) =>
    cancelOrder(
      { ...saga.ports, sagas: { ...saga.sagas, signalCancel: () => Promise.resolve() } },
      { scope: SCOPE, orderId, requestedBy: 'customer', reason: null },
    ),
  ),
  'cancelled-in-backoff': {
    arrange: async (saga) => {
      saga.services.faults.charge = ['error'];
      const orderId = await saga.place();
      await saga.settled(orderId);
      await saga.cancel(orderId);
      return orderId;
    },
  },
  'timed-out': away('charge'),
  'timed-out-before-reserving': away('reserve'),
  'timed-out-before-shipping': away('ship'),
  'timed-out-while-reserving': briefly(around('before', 'reserve', timeout)),
  'timed-out-while-charging': briefly(around('before', 'charge', timeout)),
  'timed-out-while-shipping': briefly(around('before', 'ship', timeout)),
  'timed-out-too-late': briefly(around('before', 'confirm', timeout)),
  'timed-out-while-refunding': briefly(around('before', 'refund', timeout, { ship: ['refuse'] })),
  'timed-out-and-cancelled': briefly(
    around('before', 'charge', async (saga, orderId) => {
      await saga.cancel(orderId);
      timeout(saga);
    }),
  ),
};

const waits: Readonly<Record<string, Scenario>> = {
  'not-before': {
    arrange: (saga) => saga.place({ notBefore: new Date(saga.clock.now() + 60_000).toISOString() }),
  },
  'cancelled-before-its-time': {
    arrange: async (saga) => {
      const orderId = await saga.place({ notBefore: new Date(saga.clock.now() + 60_000).toISOString() });
      await saga.settled(orderId);
      await saga.cancel(orderId);
      return orderId;
    },
  },
  'suspended-and-resumed': {
    arrange: async (saga) => {
      const orderId = await suspended(saga);
      await resume(saga, orderId);
      return orderId;
    },
  },
  'cancelled-while-suspended': {
    arrange: async (saga) => {
      const orderId = await suspended(saga);
      await saga.cancel(orderId);
      await resume(saga, orderId);
      return orderId;
    },
  },
  'store-away': {
    arrange: (saga) => {
      let refusals = 2;
      saga.orders.beforeAppend = () =>
        refusals-- > 0
          ? Promise.reject(new TransientError('STORE_UNAVAILABLE', 'away', { outage: true }))
          : Promise.resolve();
      return undefined;
    },
  },
};

const settings: Readonly<Record<string, Scenario>> = {
  'refund-tried-three-times': withFaults(
    { ship: ['refuse'], refund: ['error', 'refuse'] },
    { compensationMaxAttempts: 3 },
  ),
  'outage-not-waited-for': withFaults({ charge: times(3, 'down') }, { waitForOutages: false }),
  'short-working-time': withFaults({ charge: times(2, 'error') }, { workingTimeMs: 2_500 }),
};

/** An order that asks for more than the usual one. */
const asking = (
  request: Parameters<SagaHarness['place']>[0],
  { settings, arrange }: Scenario = withFaults({}),
): Scenario => ({
  ...(settings === undefined ? {} : { settings }),
  arrange: async (saga) => {
    await arrange(saga);
    return saga.place(request);
  },
});

/** The nth charge is refused, or hangs. */
const atCharge = (nth: number, fault: Fault): Scenario => ({
  arrange: (saga) => {
    let charges = 0;
    saga.services.around = (when, what) => {
      if (when === 'before' && what === 'charge' && ++charges === nth) saga.services.faults.charge = [fault];
      return Promise.resolve();
    };
    return undefined;
  },
});

const ofAll = (takenMinor: (totalMinor: number) => number): Scenario => ({
  arrange: (saga) => {
    saga.services.discountOf = takenMinor;
    return undefined;
  },
});

const money: Readonly<Record<string, Scenario>> = {
  'coupon-applied': asking(withCoupon),
  'coupon-refused': asking(withCoupon, withFaults({ redeem: ['refuse'] })),
  'coupon-passed-over': asking(
    withCoupon,
    withFaults({ redeem: ['refuse'] }, { couponFailurePolicy: 'continue' }),
  ),
  'coupon-unknown': asking(withCoupon, withFaults({ redeem: ['hang'] }, { couponFailurePolicy: 'continue' })),
  'coupon-answer-lost': asking(withCoupon, withFaults({ redeem: ['loseAnswer'] })),
  'coupon-cancelled': asking(withCoupon, withFaults({ ship: ['refuse'] })),
  'coupon-cancel-fails': asking(withCoupon, withFaults({ ship: ['refuse'], cancelCoupon: ['refuse'] })),
  'cancelled-while-redeeming': asking(withCoupon, around('before', 'redeem', cancel)),
  'coupon-leaves-one-part': asking(
    { ...withCoupon, payments: [...withCoupon.payments].reverse() },
    ofAll((totalMinor) => totalMinor - 4_000),
  ),
  'coupon-leaves-nothing': asking(
    withCoupon,
    ofAll((totalMinor) => totalMinor),
  ),
  'split-payment': asking(inThreeParts),
  'second-payment-declined': asking(inThreeParts, atCharge(2, 'refuse')),
  'second-payment-unknown': asking(inThreeParts, atCharge(2, 'hang')),
  'split-refund-fails': asking(inThreeParts, withFaults({ ship: ['refuse'], refund: ['refuse'] })),
};

/** By the name of the file they are recorded in. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  ...outcomes,
  ...compensations,
  ...interruptions,
  ...waits,
  ...settings,
  ...money,
};
