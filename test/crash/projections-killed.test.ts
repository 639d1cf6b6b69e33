// SIGKILL while read models are written: between an effect and the checkpoint of the feed nothing is lost, nothing counts
// twice. Judged by what the queries show.
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import type { DailyStatsView } from '../../src/projections/daily-stats';
import { crashSystem, type CrashSystem } from '../../tools/crash/system';

let system: RunningSystem;
let crash: CrashSystem;

beforeAll(async () => {
  system = await startSystem();
  crash = crashSystem(system);
});
afterAll(() => system.stop());

async function figures(): Promise<{ created: number; completed: number; amount: number }> {
  const from = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const days = (await (
    await fetch(`${system.urls.api}/api/analytics/daily?from=${from}`)
  ).json()) as DailyStatsView[];
  const sum = (of: (day: DailyStatsView) => number): number =>
    days.reduce((total, day) => total + of(day), 0);
  return {
    created: sum((day) => day.created),
    completed: sum((day) => day.completed),
    amount: sum((day) => Math.round((day.completedAmount['USD'] ?? 0) * 100)),
  };
}

let keys = 0;
const place = (): Promise<string> => {
  const key = `projected-${++keys}`;
  return crash.postUntilTaken({ customerId: key, key });
};

const ORDER_MINOR = 9_998;

/** Waits until every order that was placed is counted, and says what is. */
async function counted(): Promise<unknown> {
  await until('all orders are counted', async () => (await figures()).completed >= keys);
  return figures();
}

const CUTS = [
  ['before the counts are written', { contains: ['counted:feed:', 'stats:'], moment: 'arrival' }],
  ['between the counts and the answer', { contains: ['counted:feed:', 'stats:'], moment: 'answer' }],
  [
    'between the counts and the checkpoint',
    { contains: ['LeaseToken', 'ContinuationToken'], moment: 'arrival' },
  ],
] as const;

test.each(CUTS)('SIGKILL to the host %s counts every event once', async (_, rule) => {
  await place();
  await counted();
  await crash.hold([rule]);
  await place();
  await until('the write is held', async () => (await crash.held()).some((held) => held > 0));
  await system.kill('host');
  await crash.hold([]);
  await system.recovered();
  await place();
  expect(await counted()).toEqual({ created: keys, completed: keys, amount: keys * ORDER_MINOR });
});

test('SIGKILL to everything under load loses no order from the lists and counts none twice', async () => {
  await Promise.all(Array.from({ length: 40 }, place));
  await system.kill('all');
  await system.restart();
  crash = crashSystem(system);
  expect(await counted()).toEqual({ created: keys, completed: keys, amount: keys * ORDER_MINOR });
  for (let key = 1; key <= keys; key += 1) {
    const list = await fetch(`${system.urls.api}/api/orders/customer/projected-${key}`);
    expect(await list.json()).toEqual([expect.objectContaining({ status: 'completed' })]);
  }
});
