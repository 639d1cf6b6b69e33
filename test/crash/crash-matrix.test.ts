// A sample of the crash matrix, from every scenario some points against every victim, other ones for each.
// What an order does is recorded first and the points are derived from that; `npm run test:crash` plays all of them.
import { effectNames } from '../../tools/crash/end';
import type { PointResult } from '../../tools/crash/judge';
import { playMatrix, type MatrixResult } from '../../tools/crash/matrix';
import { sampled, sampledEach, VICTIMS, type Victim } from '../../tools/crash/points';
import { SCENARIOS as ALL, type Scenario } from '../../tools/crash/scenarios';

/** A system of its own would cost more than it tells: saga tests run out every approval (test/saga/approval.test.ts). */
const SCENARIOS = ALL.filter(({ shortOfPatience }) => shortOfPatience === undefined);

let results: readonly MatrixResult[];

beforeAll(async () => {
  const play = (shortOfTime: boolean): Promise<MatrixResult> =>
    playMatrix({
      storage: 'atomic',
      scenarios: SCENARIOS.filter((scenario) => scenario.shortOfTime === shortOfTime),
      victims: VICTIMS,
      choose: sampled,
      say: () => undefined,
    });
  results = await Promise.all([play(false), play(true)]);
}, 600_000);

const named = (some: readonly Scenario[]) => some.map((scenario) => [scenario.name, scenario] as const);
const cancelled = SCENARIOS.filter(({ cancel }) => cancel !== null);
const others = SCENARIOS.filter(({ cancel }) => cancel === null);

test.each(named(SCENARIOS))('without a crash an order that %s ends as it should', (_, scenario) => {
  const recording = results.flatMap(({ recordings }) => recordings).find((one) => one.scenario === scenario);
  const { end, order, folded } = recording?.ended ?? {};
  expect(end).toMatchObject({ status: scenario.status, runtimeStatus: 'Completed' });
  expect(end && effectNames(end)).toEqual(scenario.effects);
  expect(order).toEqual(folded);
});

/** What is wrong at the points of a scenario, each under its title. */
function problemsOf(scenario: Scenario, victim: Victim): readonly string[] {
  const own = pointResults().filter(
    (result) => result.point.scenario === scenario && result.victim === victim,
  );
  expect(own).toHaveLength(sampledEach(scenario));
  return own.flatMap(({ point, problems }) => problems.map((problem) => `${point.title} – ${problem}`));
}

const pointResults = (): readonly PointResult[] => results.flatMap((result) => result.pointResults);

describe.each(VICTIMS)('SIGKILL to %s', (victim) => {
  test.each(named(others))(
    'S1, S2, S5, S6: an order that %s ends as without the crash, every effect and every event once',
    (_, scenario) => {
      expect(problemsOf(scenario, victim)).toEqual([]);
    },
  );

  test.each(named(cancelled))(
    'S1, S2, S5, S7: an order that is %s ends as without the crash, every effect and every event once',
    (_, scenario) => {
      expect(problemsOf(scenario, victim)).toEqual([]);
    },
  );
});

test('S3: only a platform that dies under a living host changes the end of an order whose service calls are in time', () => {
  const otherwise = pointResults().filter(({ end }) => end !== 'as without the crash');
  const unexplained = otherwise.filter(
    ({ victim, point: { scenario } }) => victim !== 'platform' && scenario.cancel === null,
  );
  expect(unexplained.map(({ point }) => point.title)).toEqual([]);
});
