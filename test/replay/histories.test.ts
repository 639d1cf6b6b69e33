// Sagas that run while a new version is deployed must run on: recorded histories are replayed against today's code.
// The files are committed. RECORD_HISTORIES=1 records the scenarios that have none yet, and never replaces one.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as df from 'durable-functions';
import { ORCHESTRATOR_NAME } from '../../src/adapters/durable-saga-control';
import { runSaga } from '../../src/saga/interpreter';
import { orderSaga, type OrderSagaInput } from '../../src/saga/order-saga';
import { runtimeOf } from '../../src/saga/order-saga.orchestrator';
import { cleanUp } from '../support/durable-harness';
import { firstDifference, type RecordedHistory } from '../support/recorded-history';
import { openSaga, registerSaga, type SagaHarness } from '../support/saga-harness';

const FOLDER = path.resolve(__dirname, '../golden/histories');

const scenarios: Readonly<Record<string, (saga: SagaHarness) => Promise<string> | string | undefined>> = {
  completed: () => undefined,
  'card-declined': (saga) => void (saga.services.faults.charge = ['refuse']),
  'carrier-refuses': (saga) => void (saga.services.faults.ship = ['refuse']),
  'refund-fails': (saga) => {
    saga.services.faults.ship = ['refuse'];
    saga.services.faults.refund = ['refuse'];
    return undefined;
  },
  'payment-tried-three-times': (saga) => void (saga.services.faults.charge = ['error', 'down']),
  'payment-unknown': (saga) => void (saga.services.faults.charge = ['hang']),
  'confirmed-late': (saga) => void (saga.services.faults.confirm = ['error', 'error']),
  'timed-out': (saga) => {
    saga.services.faults.charge = ['down'];
    saga.services.forever.add('charge');
    return undefined;
  },
  'cancelled-in-backoff': async (saga) => {
    saga.services.faults.charge = ['error'];
    const orderId = await saga.place();
    await saga.settled(orderId);
    await saga.cancel(orderId);
    return orderId;
  },
  'not-before': (saga) => saga.place({ notBefore: new Date(saga.clock.now() + 60_000).toISOString() }),
};
const names = Object.keys(scenarios);
const fileOf = (name: string): string => path.join(FOLDER, `${name}.json`);
const read = (name: string): RecordedHistory =>
  JSON.parse(readFileSync(fileOf(name), 'utf8')) as RecordedHistory;

beforeAll(() => {
  registerSaga();
  df.app.orchestration('StepsSwapped', function* (context) {
    const input = context.df.getInput<OrderSagaInput>();
    const saga = orderSaga(1, 1);
    const [first, second, ...rest] = saga.steps;
    const steps = first === undefined || second === undefined ? [] : [second, first, ...rest];
    return yield* runSaga({ ...saga, steps }, runtimeOf(context.df), input) as Generator<df.Task, unknown>;
  });
});
afterEach(cleanUp);

if (process.env['RECORD_HISTORIES'] === '1') {
  test.each(names.filter((name) => !existsSync(fileOf(name))))('records %s', async (name) => {
    const saga = await openSaga();
    const { result } = await saga.finish((await scenarios[name]?.(saga)) ?? (await saga.place()));
    const last = saga.invocations.filter(({ kind }) => kind === 'orchestrator').at(-1);
    const recorded = { what: name, trigger: JSON.parse(last?.triggerData ?? '') as unknown, output: result };
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(fileOf(name), `${JSON.stringify(recorded, undefined, 1)}\n`);
  });
}

describe('a saga that was recorded', () => {
  test.each(names)(
    'S12: %s schedules today what it scheduled then, at every prefix of its history',
    async (name) => {
      expect(await firstDifference(ORCHESTRATOR_NAME, read(name))).toBeUndefined();
    },
  );

  test('S12: a step table in another order is found out, naming step and index', async () => {
    expect(await firstDifference('StepsSwapped', read('completed'))).toBe(
      'episode 1, action 0: recorded activity ReserveInventory, now activity ProcessPayment',
    );
  });
});
