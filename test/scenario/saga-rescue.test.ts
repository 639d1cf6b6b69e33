// An operator rescues sagas that a faulty build has broken after the payment: the good build is deployed again and the
// orchestrations are rewound or restarted by the durable management API. Effects are those of the ledger.
import { poll } from '../../local/demo/system-client';
import { ALL_EFFECTS, effectNames, endOf } from '../../tools/crash/end';
import type { CrashSystem } from '../../tools/crash/system';
import { openDeployments, type Deployments } from '../support/deployed-builds';
import { SCOPE } from '../support/orders';

const CUSTOMERS = ['rewound', 'restarted', 'noship-rewound', 'noship-restarted', 'terminated'];
const BROKEN = CUSTOMERS.slice(0, -1);
const WITHIN_MS = 60_000;

let builds: Deployments;
let at: CrashSystem;
const ids = new Map<string, string>();
const idOf = (customer: string): string => ids.get(customer) ?? '';

const planPayments = (fault: string | undefined): Promise<void> =>
  at.client.planFaults(
    fault === undefined
      ? []
      : CUSTOMERS.map((customerId) => ({ service: 'payments', operation: 'charge', customerId, fault })),
  );

/** What an operator sends to the durable management API; the status of its answer. */
async function operate(customer: string, operation: string): Promise<number> {
  const instance = `${builds.api()}/runtime/webhooks/durabletask/instances/${idOf(customer)}`;
  return (await fetch(`${instance}/${operation}`, { method: 'POST' })).status;
}

const charges = async (customer: string): Promise<number> =>
  (await at.effects(idOf(customer))).filter(({ effect }) => effect === 'charged').length;

/** Waits until the orchestration of each has ended so and its order is marked for an operator. */
const marked = (customers: readonly string[], runtimeStatus: string): Promise<unknown> =>
  poll(
    async () => ({
      instances: await Promise.all(customers.map((customer) => at.instance(idOf(customer)))),
      orders: await Promise.all(customers.map((customer) => at.store.read(SCOPE, idOf(customer)))),
    }),
    ({ instances, orders }) =>
      instances.every((instance) => instance?.runtimeStatus === runtimeStatus) &&
      orders.every((stored) => stored?.order.saga.needsIntervention === true),
    WITHIN_MS,
  );

beforeAll(async () => {
  builds = await openDeployments();
  const faulty = builds.build('broken-payload');
  at = await builds.deploy('.');
  await planPayments('down');
  for (const customerId of CUSTOMERS)
    ids.set(customerId, await at.postUntilTaken({ customerId, key: customerId }));
  await poll(
    async () => (await at.calls()).filter(({ operation }) => operation === 'reserve').length,
    (reservations) => reservations >= CUSTOMERS.length,
    WITHIN_MS,
  );
  expect(await operate('terminated', 'terminate?reason=test')).toBe(202);
  at = await builds.deploy(faulty);
  await planPayments(undefined);
  await marked(BROKEN, 'Failed');
  await marked(['terminated'], 'Terminated');
}, 180_000);
afterAll(() => builds.close());

describe('orchestrations that a faulty build has broken after the payment', () => {
  test('have charged once, compensated nothing, and show the reason on the order', async () => {
    for (const customer of BROKEN) {
      expect((await at.effects(idOf(customer))).map(({ effect }) => effect)).toEqual([
        'stockReserved',
        'charged',
      ]);
      expect((await at.store.eventsAfter(SCOPE, idOf(customer), 0)).at(-1)).toMatchObject({
        type: 'InterventionOpened',
        data: { code: 'SAGA_LOST', reason: expect.stringContaining('the order has no parcel') as string },
      });
    }
  });

  test('fail again when they are rewound on the same build, with no second charge', async () => {
    expect(await operate('rewound', 'rewind?reason=too+early')).toBe(202);
    await marked(['rewound'], 'Failed');
    expect(await charges('rewound')).toBe(1);
  });
});

describe('the good build, deployed again', () => {
  beforeAll(async () => {
    at = await builds.deploy('.');
  }, WITHIN_MS);

  test.each([
    ['rewound', 'rewind?reason=fixed'],
    ['restarted', 'restart?restartWithNewInstanceId=false'],
    ['terminated', 'restart?restartWithNewInstanceId=false'],
  ])('S2: completes the %s order with every effect once', async (customer, operation) => {
    expect(await operate(customer, operation)).toBeLessThan(300);
    const { end, order, folded } = await endOf(at, idOf(customer));
    expect(order).toEqual(folded);
    expect(end).toMatchObject({ status: 'completed', runtimeStatus: 'Completed' });
    expect(effectNames(end)).toEqual(ALL_EFFECTS);
    expect(await charges(customer)).toBe(1);
  });

  test.each([
    ['noship-rewound', 'rewind?reason=fixed'],
    ['noship-restarted', 'restart?restartWithNewInstanceId=false'],
  ])(
    'S2: undoes the order of %s, whom the carrier refuses, each effect once',
    async (customer, operation) => {
      expect(await operate(customer, operation)).toBeLessThan(300);
      const { end } = await endOf(at, idOf(customer));
      expect(effectNames(end)).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
      expect(end.status).toBe('failed');
    },
  );

  test('refuses to rewind an order that has ended', async () => {
    expect(await operate('rewound', 'rewind?reason=again')).toBe(412);
  });
});
