// The order saga on storage that is as unkind as Azure Storage: its host dies after any operation, and what it had taken
// comes back in any order, with and without a cancel. `UNKIND=all npx jest test/saga/unkind` runs every point.
import path from 'node:path';
import { durableSettings } from 'azure-local/host/durable-settings';
import { readHostJson } from 'azure-local/host/host-json';
import { cleanUp } from 'azure-local/testing/durable-harness';
import { registerSaga } from '../support/saga-harness';
import type { Kind } from '../support/unkind-judge';
import {
  CANCELS,
  describePoint,
  randomPoint,
  returnsOf,
  UNKIND_SCENARIOS,
  type Point,
} from '../support/unkind-points';
import { runPoint, type Ran } from '../support/unkind-run';

beforeAll(registerSaga);
afterEach(cleanUp);

const IS_ALL = process.env['UNKIND'] === 'all';
/** Every so many deaths in the lane that runs always; fewer of an order with more steps, which takes longer. */
function strideOf(scenario: string): number {
  const { request, people } = UNKIND_SCENARIOS[scenario] ?? {};
  if (IS_ALL) return 1;
  if (people !== undefined) return people.brings === undefined ? 61 : 151;
  return request === undefined ? 11 : 17;
}
/** How long messages stay hidden is what the app is deployed with. */
const { provider } = durableSettings(
  readHostJson(path.resolve(__dirname, '../..')).extensions['durableTask'] ?? {},
);

/** Runs every point of a scenario; what was wrong, by kind. */
async function explore(scenario: string): Promise<{ points: number; wrong: [string, Kind[], Ran][] }> {
  const whole: Point = { scenario, death: 0, returns: { kind: 'asTheyCome' }, cancel: 'never' };
  const undisturbed = await runPoint(whole, false, provider);
  expect(undisturbed.kinds).toEqual([]);
  const isGood = undisturbed.status === 'completed';
  const wrong: [string, Kind[], Ran][] = [];
  let points = 0;
  for (let death = 1; death <= undisturbed.moments.length; death += strideOf(scenario)) {
    const probe = await runPoint({ ...whole, death }, isGood, provider);
    for (const returns of returnsOf(probe.left.length)) {
      for (const cancel of CANCELS) {
        const point = { scenario, death, returns, cancel };
        const ran = await runPoint(point, isGood, provider);
        points += 1;
        if (ran.kinds.length > 0) wrong.push([describePoint(point), [...ran.kinds], ran]);
      }
    }
  }
  return { points, wrong };
}

test.each(Object.keys(UNKIND_SCENARIOS))(
  'S1, S22, S23: %s: money, parcel and stock agree with the order wherever a host dies and whatever comes back first',
  async (scenario) => {
    const { points, wrong } = await explore(scenario);
    const counts: Record<string, number> = {};
    for (const [, kinds] of wrong) for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
    if (IS_ALL) process.stdout.write(`${scenario}: ${points} points ${JSON.stringify(counts)}\n`);
    expect(wrong.slice(0, 3)).toEqual([]);
  },
  1_800_000,
);

const [FROM = 1, TO = 40] = (process.env['UNKIND_SEEDS'] ?? '').split('-').filter(Boolean).map(Number);

test('S1, S22, S23: the same when a second host dies as well, at random points (UNKIND_SEEDS=1-1000 runs more)', async () => {
  const isGood = new Map<string, boolean>();
  const wrong: [number, string, Ran][] = [];
  for (let seed = FROM; seed <= TO; seed += 1) {
    const point = randomPoint(seed);
    const { scenario } = point;
    if (!isGood.has(scenario)) {
      const whole: Point = { scenario, death: 0, returns: { kind: 'asTheyCome' }, cancel: 'never' };
      isGood.set(scenario, (await runPoint(whole, false, provider)).status === 'completed');
    }
    const ran = await runPoint(point, isGood.get(scenario) === true, provider);
    if (ran.kinds.length > 0) wrong.push([seed, describePoint(point), ran]);
  }
  expect(wrong.slice(0, 3)).toEqual([]);
}, 1_800_000);
