// `npm run crash`: the whole crash matrix with progress. `-- --only "<title>"` plays the points whose titles contain that
// text, `--victim host|platform|all` one victim, `--sample` what the test suite plays, `--list` prints titles only.
import { parseArgs } from 'node:util';
import type { Verdict } from '../support/crash-judge';
import { isWrong, playMatrix } from '../support/crash-matrix';
import { sampled, VICTIMS, type CrashPoint, type Victim } from '../support/crash-points';
import { SCENARIOS } from '../support/crash-scenarios';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    victim: { type: 'string', default: '' },
    sample: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const startedMs = Date.now();
const say = (line: string): void =>
  console.log(`${((Date.now() - startedMs) / 1_000).toFixed(0)} s  ${line}`);

const victims = VICTIMS.filter((victim) => values.victim === '' || victim === values.victim);
const choose = (points: readonly CrashPoint[], victim: Victim): readonly CrashPoint[] => {
  const some = values.sample ? sampled(points, victim) : points;
  const chosen = some.filter(({ title }) => title.includes(values.only));
  if (!values.list) return chosen;
  for (const { title } of chosen) console.log(`${victim}  ${title}`);
  return [];
};

async function main(): Promise<void> {
  const named = SCENARIOS.filter(({ name }) => values.only.startsWith(name));
  const scenarios = named.length > 0 ? named : SCENARIOS;
  const verdicts: Verdict[] = [];
  for (const shortOfTime of [false, true]) {
    const some = scenarios.filter((scenario) => scenario.shortOfTime === shortOfTime);
    if (some.length > 0)
      verdicts.push(...(await playMatrix({ scenarios: some, victims, choose, say })).verdicts);
  }
  const wrong = verdicts.filter(isWrong);
  printTable(verdicts);
  for (const { point, victim, problems } of wrong) {
    const { title } = point;
    console.log(`\nSIGKILL to ${victim}, ${title}`);
    for (const problem of problems) console.log(`  ${problem}`);
    console.log(`  again: npm run crash -- --victim ${victim} --only "${title}"`);
  }
  say(`${verdicts.length} points, ${wrong.length} wrong`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

/** Points tried per scenario and victim, and every end that was seen. */
function printTable(verdicts: readonly Verdict[]): void {
  for (const scenario of new Set(verdicts.map(({ point }) => point.scenario))) {
    for (const victim of victims) {
      const own = verdicts.filter(
        (verdict) => verdict.point.scenario === scenario && verdict.victim === victim,
      );
      const ends = [...new Set(own.map(({ end }) => end))].map(
        (end) => `${own.filter((verdict) => verdict.end === end).length} ${end}`,
      );
      console.log(
        `${scenario.name.padEnd(38)} ${victim.padEnd(9)} ${String(own.length).padStart(4)} points  ${ends.join('; ')}`,
      );
    }
  }
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
