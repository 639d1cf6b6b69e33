// Program behind `npm run test:crash`: plays the crash matrix, or some of its points, with progress.
import { parseArgs } from 'node:util';
import { STORAGE_MODES, type StorageMode } from 'azure-local/durable/hub';
import { EXIT_USAGE, namesOf, runCommand } from '../../../test/support/command-line';
import type { PointResult } from '../judge';
import { isWrong, playMatrix } from '../matrix';
import { sampled, VICTIMS, type CrashPoint, type Victim } from '../points';
import { ON_ONE_SYSTEM, SCENARIOS } from '../scenarios';

const USAGE = `Usage: npm run test:crash -- [flags]
  --only <text>       the points whose titles contain it, such as a title that an earlier run has printed
  --victim <victims>  of ${VICTIMS.join(', ')}
  --storage <mode>    of the task hub: ${STORAGE_MODES.join(' or ')} (atomic)
  --sample            what the test suite plays
  --list              print titles and play nothing`;

interface Choice {
  readonly only: string;
  readonly victims: readonly Victim[];
  readonly storage: StorageMode;
  readonly sample: boolean;
  readonly list: boolean;
}

function readFlags(argv: readonly string[]): Choice {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', default: '' },
      victim: { type: 'string', default: VICTIMS.join(',') },
      storage: { type: 'string', default: 'atomic' },
      sample: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  const [storage = 'atomic'] = namesOf('--storage', values.storage, STORAGE_MODES);
  return { ...values, storage, victims: namesOf('--victim', values.victim, VICTIMS) };
}

const startedMs = Date.now();
const say = (line: string): void =>
  console.log(`${((Date.now() - startedMs) / 1_000).toFixed(0)} s  ${line}`);

async function run({ only, victims, storage, sample, list }: Choice): Promise<number> {
  let chosen = 0;
  const choose = (points: readonly CrashPoint[], victim: Victim): readonly CrashPoint[] => {
    const some = sample ? sampled(points, victim) : points;
    const own = some.filter(({ title }) => title.includes(only));
    chosen += own.length;
    if (!list) return own;
    for (const { title } of own) console.log(`${victim}  ${title}`);
    return [];
  };
  const named = SCENARIOS.filter(({ name }) => only.startsWith(name));
  const scenarios = named.length > 0 ? named : SCENARIOS;
  const pointResults: PointResult[] = [];
  for (const isPlayedTogether of ON_ONE_SYSTEM) {
    const some = scenarios.filter(isPlayedTogether);
    if (some.length > 0)
      pointResults.push(
        ...(await playMatrix({ storage, scenarios: some, victims, choose, say })).pointResults,
      );
  }
  if (chosen === 0) {
    console.error(`No point has a title with "${only}" in it; --list prints all titles.`);
    return EXIT_USAGE;
  }
  return report(pointResults, victims, storage);
}

/** Prints what became of the points; gives the exit code. */
function report(
  pointResults: readonly PointResult[],
  victims: readonly Victim[],
  storage: StorageMode,
): number {
  const wrong = pointResults.filter(isWrong);
  printTable(pointResults, victims);
  for (const { point, victim, problems } of wrong) {
    const { title } = point;
    console.log(`\nSIGKILL to ${victim}, ${title}`);
    for (const problem of problems) console.log(`  ${problem}`);
    console.log(`  again: npm run test:crash -- --storage ${storage} --victim ${victim} --only "${title}"`);
  }
  const [asked, needless] = [
    pointResults.filter(asksOperator),
    pointResults.filter(({ isNeedless }) => isNeedless),
  ];
  say(
    `${pointResults.length} points, ${wrong.length} wrong; an operator is asked at ${asked.length}, needlessly at ${needless.length}`,
  );
  for (const { point, victim } of needless) console.log(`  needless: SIGKILL to ${victim}, ${point.title}`);
  return wrong.length === 0 ? 0 : 1;
}

const asksOperator = ({ asksOperator: isAsked }: PointResult): boolean => isAsked;

/** Points tried per scenario and victim, and every end that was seen. */
function printTable(pointResults: readonly PointResult[], victims: readonly Victim[]): void {
  for (const scenario of new Set(pointResults.map(({ point }) => point.scenario))) {
    for (const victim of victims) {
      const own = pointResults.filter(
        (result) => result.point.scenario === scenario && result.victim === victim,
      );
      const ends = [...new Set(own.map(({ end }) => end))].map(
        (end) => `${own.filter((result) => result.end === end).length} ${end}`,
      );
      console.log(
        `${scenario.name.padEnd(38)} ${victim.padEnd(9)} ${String(own.length).padStart(4)} points  ${ends.join('; ')}`,
      );
    }
  }
}

const command = { usage: USAGE, read: readFlags, run };

void runCommand(command, process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
