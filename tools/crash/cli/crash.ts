// Program behind `npm run test:crash`: plays the crash matrix, or some of its points, with progress.
import { parseArgs } from 'node:util';
import { STORAGE_MODES, type StorageMode } from 'azure-local/durable/hub';
import { EXIT_USAGE, namesOf, runCommand, wholeNumberOf } from '../../../test/support/command-line';
import type { PointResult } from '../judge';
import { isWrong, playMatrix } from '../matrix';
import { SAGA_MODES, type SagaMode } from '../modes';
import { sampled, spread, VICTIMS, type CrashPoint, type Victim } from '../points';
import { isPlayedIn, ON_ONE_SYSTEM, SCENARIOS } from '../scenarios';

const USAGE = `Usage: npm run test:crash -- [flags]
  --only <text>       the points whose titles contain it, such as a title that an earlier run has printed; may be given again
  --victim <victims>  of ${VICTIMS.join(', ')}
  --storage <mode>    of the task hub: ${STORAGE_MODES.join(' or ')} (atomic)
  --mode <mode>       of the orders' sagas: ${SAGA_MODES.join(' or ')} (orchestration)
  --sample            what the test suite plays
  --each <n>          so many points of every scenario for each victim, spread over the way of the order
  --list              print titles and play nothing`;

interface Choice {
  readonly only: readonly string[];
  readonly victims: readonly Victim[];
  readonly storage: StorageMode;
  readonly mode: SagaMode;
  readonly sample: boolean;
  readonly each: number;
  readonly list: boolean;
}

function readFlags(argv: readonly string[]): Choice {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', multiple: true, default: [''] },
      victim: { type: 'string', default: VICTIMS.join(',') },
      storage: { type: 'string', default: 'atomic' },
      mode: { type: 'string', default: 'orchestration' },
      sample: { type: 'boolean', default: false },
      each: { type: 'string', default: '' },
      list: { type: 'boolean', default: false },
    },
  });
  const [storage = 'atomic'] = namesOf('--storage', values.storage, STORAGE_MODES);
  const [mode = 'orchestration'] = namesOf('--mode', values.mode, SAGA_MODES);
  const each = values.each === '' ? Infinity : wholeNumberOf('--each', values.each, { from: 1 });
  return { ...values, each, storage, mode, victims: namesOf('--victim', values.victim, VICTIMS) };
}

const startedMs = Date.now();
const say = (line: string): void =>
  console.log(`${((Date.now() - startedMs) / 1_000).toFixed(0)} s  ${line}`);

async function run(choice: Choice): Promise<number> {
  const { only, victims, storage, mode, sample, each, list } = choice;
  let chosen = 0;
  const choose = (points: readonly CrashPoint[], victim: Victim): readonly CrashPoint[] => {
    const asked = points.filter(({ title }) => only.some((text) => title.includes(text)));
    const own = sample ? sampled(asked, victim) : spread(asked, victim, each);
    chosen += own.length;
    if (!list) return own;
    for (const { title } of own) console.log(`${victim}  ${title}`);
    return [];
  };
  const named = SCENARIOS.filter(({ name }) => only.some((text) => text.startsWith(name)));
  const scenarios = (named.length > 0 ? named : SCENARIOS).filter((scenario) => isPlayedIn(mode, scenario));
  const pointResults: PointResult[] = [];
  for (const isPlayedTogether of ON_ONE_SYSTEM) {
    const some = scenarios.filter(isPlayedTogether);
    if (some.length > 0)
      pointResults.push(
        ...(await playMatrix({ storage, mode, scenarios: some, victims, choose, say })).pointResults,
      );
  }
  if (chosen === 0) {
    console.error(`No point has a title with "${only.join('" or "')}" in it; --list prints all titles.`);
    return EXIT_USAGE;
  }
  return report(pointResults, choice);
}

/** Prints what became of the points; gives the exit code. */
function report(pointResults: readonly PointResult[], { victims, storage, mode }: Choice): number {
  const wrong = pointResults.filter(isWrong);
  printTable(pointResults, victims);
  for (const { point, victim, problems } of wrong) {
    const { title } = point;
    console.log(`\nSIGKILL to ${victim}, ${title}`);
    for (const problem of problems) console.log(`  ${problem}`);
    console.log(
      `  again: npm run test:crash -- --storage ${storage} --mode ${mode} --victim ${victim} --only "${title}"`,
    );
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
