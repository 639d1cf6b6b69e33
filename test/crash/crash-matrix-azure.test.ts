// A sample of the crash matrix on the storage mode `azure`, whose episodes are several commits: an order at each moment
// between the messages of an episode and its history, and at some other points. `npm run test:crash -- --storage azure` plays all.
import type { PointResult } from '../../tools/crash/judge';
import { playMatrix } from '../../tools/crash/matrix';
import { sampled, type CrashPoint, type Victim } from '../../tools/crash/points';
import { SCENARIOS } from '../../tools/crash/scenarios';

const NAMES = [
  'completes',
  'the card is declined',
  'the carrier refuses',
  'charge fails twice',
  'cancelled during charge',
  'cancelled during ship',
];
const SCENARIOS_HERE = SCENARIOS.filter(({ name }) => NAMES.includes(name));
/** Together with the others no more than stand at once. */
const SENT_EACH = 5;

const isSent = ({ place }: CrashPoint): boolean => place.kind === 'event' && place.moment === 'sent';

function choose(points: readonly CrashPoint[], victim: Victim): readonly CrashPoint[] {
  const others = points.filter((point) => !isSent(point));
  return [...points.filter(isSent).slice(0, SENT_EACH), ...sampled(others, victim)];
}

let pointResults: readonly PointResult[];
beforeAll(async () => {
  const options = { storage: 'azure', scenarios: SCENARIOS_HERE, victims: ['host'] } as const;
  ({ pointResults } = await playMatrix({ ...options, choose, say: () => undefined }));
}, 300_000);

test.each(NAMES)(
  'S1, S2, S5, S7, S22: after SIGKILL to the host an order that %s ends as without the crash, every effect and every event once',
  (name) => {
    const own = pointResults.filter(({ point }) => point.scenario.name === name);
    expect(own.length).toBeGreaterThan(SENT_EACH);
    const problems = own.flatMap((one) => one.problems.map((problem) => `${one.point.title} – ${problem}`));
    expect(problems).toEqual([]);
  },
);

test('S3, S28: a host that dies changes the end of no order whose service calls are in time', () => {
  const otherwise = pointResults.filter(
    ({ end, point }) => end !== 'as without the crash' && point.scenario.cancel === null,
  );
  expect(otherwise.map(({ point }) => point.title)).toEqual([]);
});

test('S4: no operator is asked about an order without an effect to settle', () => {
  expect(pointResults.filter(({ isNeedless }) => isNeedless).map(({ point }) => point.title)).toEqual([]);
});
