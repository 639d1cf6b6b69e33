// Sagas that run while a new version is deployed must run on: recorded histories are replayed against today's code.
// The files are committed. RECORD_HISTORIES=1 records the scenarios that have none yet, and never replaces one.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as df from 'durable-functions';
import type { DurableFunctionInvoker } from 'azure-local/durable/contract';
import { firstDifference, readRecording, recordingsIn } from '../../local/histories/recordings';
import { differenceFromStatus, type InstanceStatus } from '../../local/histories/status-history';
import { runSaga } from '../../src/saga/engine/interpreter';
import { orderSaga, type OrderSagaInput } from '../../src/saga/order/order-saga-versions';
import { runtimeOf } from '../../src/saga/order/order-saga.orchestrator';
import { registeredFunctions } from 'azure-local/testing/durable-core';
import { cleanUp } from 'azure-local/testing/durable-harness';
import { courseOf } from '../support/history-course';
import { playReturn, RETURN_SCENARIOS } from '../support/return-scenarios';
import { openSaga, registerSaga, type SagaHarness } from '../support/saga-harness';
import { SCENARIOS } from '../support/saga-scenarios';

const FOLDER = path.resolve(__dirname, '../golden/histories');
const recorded = recordingsIn(FOLDER);
const ofReturn = (name: string): string => path.join('returns', name);

beforeAll(() => {
  registerSaga();
  df.app.orchestration('StepsSwapped', function* (context) {
    const input = context.df.getInput<OrderSagaInput>();
    const saga = orderSaga(1, 1);
    const [reserve, coupon, pay, ...rest] = saga.steps;
    const steps = [pay, coupon, reserve, ...rest].filter((step) => step !== undefined);
    return yield* runSaga({ ...saga, steps }, runtimeOf(context.df), input) as Generator<df.Task, unknown>;
  });
});
afterEach(cleanUp);

if (process.env['RECORD_HISTORIES'] === '1') {
  const missing = Object.entries(SCENARIOS).filter(([name]) => !recorded.includes(name));
  test.each([['nothing', undefined] as const, ...missing])('records %s', async (name, scenario) => {
    if (scenario === undefined) return;
    const saga = await openSaga(scenario.settings);
    const { result } = await saga.finish((await scenario.arrange(saga)) ?? (await saga.place()));
    record(name, saga, result);
  });

  const missingReturns = Object.entries(RETURN_SCENARIOS).filter(
    ([name]) => !recorded.includes(ofReturn(name)),
  );
  test.each([['nothing', undefined] as const, ...missingReturns])(
    'records the return %s',
    async (name, scenario) => {
      if (scenario === undefined) return;
      const saga = await openSaga();
      const { output } = await saga.settled(await playReturn(saga, scenario));
      record(ofReturn(name), saga, output);
    },
  );
}

/** Writes the history of the saga that ran last. */
function record(name: string, saga: SagaHarness, output: unknown): void {
  const last = saga.invocations.filter(({ kind }) => kind === 'orchestrator').at(-1);
  const recording = { what: name, trigger: JSON.parse(last?.triggerData ?? '') as unknown, output };
  const file = path.join(FOLDER, `${name}.json`);
  if (existsSync(file)) throw new Error(`${file} is there: a recording is never replaced`);
  mkdirSync(path.dirname(file), { recursive: true });
  // Stacks hold the folder of whoever records.
  writeFileSync(file, `${JSON.stringify(recording, undefined, 1).replaceAll(process.cwd(), '<app>')}\n`);
}

describe('a saga that was recorded', () => {
  test.each(recorded)(
    'S12: %s schedules today what it scheduled then, at every prefix of its history',
    async (name) => {
      expect(await firstDifference(registeredFunctions, readRecording(FOLDER, name))).toBeUndefined();
    },
  );

  test.each(Object.entries(SCENARIOS))(
    'S12: as %s can be checked by what the management API tells of it too',
    async (_, scenario) => {
      const saga = await openSaga(scenario.settings);
      const { status } = await saga.finish((await scenario.arrange(saga)) ?? (await saga.place()));
      expect(
        await differenceFromStatus(registeredFunctions, status as unknown as InstanceStatus),
      ).toBeUndefined();
    },
  );

  test.each(Object.entries(RETURN_SCENARIOS))(
    'S12: as the return %s can be checked by what the management API tells of it too',
    async (_, scenario) => {
      const saga = await openSaga();
      const status = await saga.settled(await playReturn(saga, scenario));
      expect(
        await differenceFromStatus(registeredFunctions, status as unknown as InstanceStatus),
      ).toBeUndefined();
    },
  );

  test.each(readdirSync(path.join(FOLDER, 'system')).map((file) => path.parse(file).name))(
    'S12: by the management API of the built system, %s is what it is in this harness',
    (name) => {
      const bySystem = courseOf(readRecording(FOLDER, path.join('system', name)));
      expect(bySystem).toEqual(courseOf(readRecording(FOLDER, name)));
    },
  );

  test('S12: is there for every way in which an order and a return can run', () => {
    const there = recordingsIn(FOLDER);
    const wanted = [...Object.keys(SCENARIOS), ...Object.keys(RETURN_SCENARIOS).map(ofReturn)];
    expect(wanted.filter((name) => !there.includes(name))).toEqual([]);
  });

  test('S12: a step table in another order is found out, naming step and index', async () => {
    const swapped: DurableFunctionInvoker = {
      entities: () => [],
      kindOf: () => 'orchestrator',
      invoke: (_, trigger, metadata) => registeredFunctions.invoke('StepsSwapped', trigger, metadata),
    };
    expect(await firstDifference(swapped, readRecording(FOLDER, 'completed'))).toBe(
      'episode 1, action 0: recorded activity ReserveInventory, now activity ProcessPayment',
    );
  });
});
