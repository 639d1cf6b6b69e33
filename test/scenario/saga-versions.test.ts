// A new version of the saga is deployed while sagas run on the old one, and taken back while sagas run on the new one:
// the built system, killed and started again with another build over the same data. Effects are those of the ledger.
import { poll } from '../../local/demo/system-client';
import { checkHistories, type Check } from '../support/app-builds';
import { ALL_EFFECTS, effectNames, endOf } from '../../tools/crash/end';
import type { CrashSystem } from '../../tools/crash/system';
import { openDeployments, type Deployments } from '../support/deployed-builds';

/** Whose payment service is away until the test lets it come back. */
const HELD = ['held', 'cancelled', 'noship-held', 'inserted', 'noship-inserted'];
/** The call of this one hangs when everything is killed. */
const IN_FLIGHT = 'in-flight';

let builds: Deployments;
/** Version 2 beside version 1; version 1 with two steps swapped. */
let newBuild: string;
let broken: string;
const ids = new Map<string, string>();

beforeAll(async () => {
  builds = await openDeployments();
  newBuild = builds.build('inserted-step');
  broken = builds.build('swapped-steps');
});
afterAll(() => builds.close());

const holdPayments = (at: CrashSystem): Promise<void> =>
  at.client.planFaults([
    ...HELD.map((customerId) => ({ service: 'payments', operation: 'charge', customerId, fault: 'down' })),
    { service: 'payments', operation: 'charge', customerId: IN_FLIGHT, fault: 'hang', times: 1 },
  ]);

async function place(at: CrashSystem, ...customers: string[]): Promise<void> {
  for (const customerId of customers)
    ids.set(customerId, await at.postUntilTaken({ customerId, key: customerId }));
}

/** Waits until the saga of each stands at its payment. */
const paying = (...customers: string[]): Promise<unknown> =>
  poll(
    () => Promise.all(customers.map((customer) => viewOf(customer))),
    (views) => views.every(({ customStatus }) => customStatus === 'ProcessPayment'),
  );

/** Waits until a call of the payment service has no answer. */
const hanging = (at: CrashSystem): Promise<unknown> =>
  poll(
    () => at.calls(),
    (calls) => calls.some(({ operation, status }) => operation === 'charge' && status === null),
  );

interface SagaView {
  readonly definitionVersion: number;
  readonly customStatus: string;
  readonly completedSteps: readonly string[];
  readonly needsIntervention: boolean;
}

async function viewOf(customer: string): Promise<SagaView> {
  const answer = await fetch(`${builds.api()}/api/orders/${ids.get(customer) ?? ''}/saga`);
  return (await answer.json()) as SagaView;
}

interface Seen {
  readonly status: string;
  readonly version: number;
  readonly runtimeStatus: string | undefined;
  readonly effects: readonly string[];
  /** How often the inserted step had its effect. */
  readonly screened: number;
}

/** How the order of a customer has ended. */
async function seen(at: CrashSystem, customer: string): Promise<Seen> {
  const id = ids.get(customer) ?? '';
  const { end, order, folded } = await endOf(at, id);
  expect(order).toEqual(folded);
  const ledger = (await at.client.ledger(id)) as readonly { readonly key?: string }[];
  return {
    status: end.status,
    version: (await viewOf(customer)).definitionVersion,
    runtimeStatus: end.runtimeStatus,
    effects: effectNames(end),
    screened: ledger.filter(({ key }) => key === `${id}:ScreenCustomer`).length,
  };
}

describe('a build with a step inserted, deployed over sagas that stand at their payment', () => {
  const checks: Record<string, Check> = {};
  let at: CrashSystem;

  beforeAll(async () => {
    const before = await builds.deploy('.');
    await holdPayments(before);
    await place(before, IN_FLIGHT);
    // The others open the circuit breaker.
    await hanging(before);
    await place(before, 'held', 'cancelled', 'noship-held');
    await paying('held', 'cancelled', 'noship-held');
    for (const [name, app] of [
      ['new', newBuild],
      ['broken', broken],
    ] as const)
      checks[name] = await checkHistories('--from', builds.api(), '--app', app);
    at = await builds.deploy(newBuild);
    expect(await at.client.cancel(ids.get('cancelled') ?? '')).toBe(202);
    await at.client.planFaults([]);
    await place(at, 'new', 'noship-new');
  });

  test('S12: is let through by the check, and one that would break them is not', () => {
    expect(checks['new']).toEqual({ exitCode: 0, output: expect.stringMatching(/^4 histories: /) as string });
    expect(checks['broken']).toMatchObject({ exitCode: 1 });
    expect(checks['broken']?.output).toContain(
      `OrderSagaOrchestrator ${ids.get('held') ?? ''}: episode 1, action 0: recorded activity ReserveInventory, now activity ProcessPayment`,
    );
  });

  test.each(['held', IN_FLIGHT])(
    'S12: %s ends on version 1 with the effects of version 1',
    async (customer) => {
      expect(await seen(at, customer)).toEqual({
        ...{ status: 'completed', version: 1, runtimeStatus: 'Completed' },
        ...{ effects: ALL_EFFECTS, screened: 0 },
      });
    },
  );

  test('S12: a saga of version 1 is cancelled under it', async () => {
    expect(await seen(at, 'cancelled')).toEqual({
      ...{ status: 'cancelled', version: 1, runtimeStatus: 'Completed' },
      ...{ effects: ['stockReserved', 'stockReleased'], screened: 0 },
    });
  });

  test('S12: a saga of version 1 is compensated under it', async () => {
    expect(await seen(at, 'noship-held')).toEqual({
      ...{ status: 'failed', version: 1, runtimeStatus: 'Completed' },
      ...{ effects: ['stockReserved', 'charged', 'refunded', 'stockReleased'], screened: 0 },
    });
  });

  test.each([
    ['new', 'completed', ALL_EFFECTS],
    ['noship-new', 'failed', ['stockReserved', 'charged', 'refunded', 'stockReleased']],
  ])('S12: %s, which came later, takes the inserted step', async (customer, status, effects) => {
    expect(await seen(at, customer)).toEqual({
      ...{ status, version: 2, runtimeStatus: 'Completed' },
      ...{ effects, screened: 1 },
    });
  });

  test('S12: cannot be rolled back unnoticed: the check refuses a build without the version that runs', async () => {
    await holdPayments(at);
    await place(at, 'inserted', 'noship-inserted');
    await paying('inserted', 'noship-inserted');
    const { exitCode, output } = await checkHistories('--from', builds.api());
    expect(exitCode).toBe(1);
    expect(output).toContain(
      `${ids.get('inserted') ?? ''}: episode 1: the orchestrator now fails: This build has no version 2 of the order saga (it has 1)`,
    );
  });

  test('S21: rolled back all the same, orders of its version wait as they are, and others go on', async () => {
    const old = await builds.deploy('.');
    await old.client.planFaults([]);
    await place(old, 'after');
    expect(await seen(old, 'after')).toMatchObject({ status: 'completed', version: 1, effects: ALL_EFFECTS });
    const id = ids.get('inserted') ?? '';
    expect((await old.instance(id))?.runtimeStatus).toBe('Running');
    const { needsIntervention, completedSteps } = await viewOf('inserted');
    expect({ needsIntervention, completedSteps }).toEqual({
      needsIntervention: false,
      completedSteps: ['ReserveInventory'],
    });
  });

  test.each([
    ['inserted', 'completed', ALL_EFFECTS],
    ['noship-inserted', 'failed', ['stockReserved', 'charged', 'refunded', 'stockReleased']],
  ])('S12: %s goes on when a build comes that has its version', async (customer, status, effects) => {
    if (customer === 'inserted') at = await builds.deploy(newBuild);
    expect(await seen(at, customer)).toEqual({
      ...{ status, version: 2, runtimeStatus: 'Completed' },
      ...{ effects, screened: 1 },
    });
  });
});
