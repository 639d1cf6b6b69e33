// Fixture: a hub of the storage mode `azure` with a manual clock, and functions to run on it.
import * as df from 'durable-functions';
import { ManualClock } from '../../src/kit/clock';
import { SharedFile } from '../../src/storage/shared-file';
import { cleanUp, type AzureHarness } from '../../testing/durable-harness';

export const SECOND_MS = 1_000;

export let hub: SharedFile;
export let clock: ManualClock;

/** Registers the functions, and opens a hub and a clock for each test of the file. */
export function hubPerTest(): void {
  beforeAll(() => {
    df.app.activity('act', { handler: (input: unknown) => `did ${String(input)}` });
    df.app.orchestration('twoSteps', function* (context) {
      const first: unknown = yield context.df.callActivity('act', 'a');
      const second: unknown = yield context.df.callActivity('act', 'b');
      return [first, second];
    });
    df.app.orchestration('wide', function* (context) {
      const tasks = Array.from({ length: context.df.getInput<number>() }, (_, index) =>
        context.df.callActivity('act', index),
      );
      return ((yield context.df.Task.all(tasks)) as unknown[]).length;
    });
    df.app.orchestration('waits', function* (context) {
      return (yield context.df.waitForExternalEvent('go')) as unknown;
    });
  });
  beforeEach(() => {
    hub = new SharedFile(':memory:');
    clock = new ManualClock();
  });
  afterEach(async () => {
    await cleanUp();
    await hub.close();
  });
}

/** Lets so much time pass in steps in which hosts renew and move leases. */
export async function pass(ms: number, ...hosts: AzureHarness[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += SECOND_MS) {
    clock.advance(SECOND_MS);
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    await Promise.all(hosts.map(({ engine }) => engine.idle()));
  }
}

export const calls = (host: AzureHarness, name: string): number =>
  host.invocations.filter((call) => call.name === name).length;
