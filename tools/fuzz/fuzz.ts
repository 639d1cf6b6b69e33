// Program behind `npm run test:fuzz`: sends generated inputs to every public interface of a system of its own, and
// names the input that broke something. `npm run test:fuzz -- --inputs 100000 --seed 7 --only post,amqp`.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { namesOf, runCommand, wholeNumberOf } from '../../test/support/command-line';
import { runCampaign, type CampaignResult, type Progress } from './run/campaign';
import { openTargets, TARGET_NAMES } from './run/open-targets';
import type { Failure } from './run/target';

const MAX_RANDOM_SEED = 0x7fffffff;

const USAGE = `Usage: npm run test:fuzz -- [flags]
  --inputs <n>     how many inputs, all targets together (100000)
  --seed <n>       repeats a run (a random one, which is printed)
  --only <names>   some of ${TARGET_NAMES.join(', ')}
  --path <path>    with --only and --seed: one input of an earlier run
  --log            print what the system wrote when something is wrong`;

interface Flags {
  readonly inputs: number;
  readonly seed: number;
  readonly only: readonly string[];
  readonly path?: string;
  readonly log: boolean;
}

function readFlags(argv: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      inputs: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(randomInt(MAX_RANDOM_SEED)) },
      only: { type: 'string', default: TARGET_NAMES.join(',') },
      path: { type: 'string' },
      log: { type: 'boolean', default: false },
    },
  });
  return {
    inputs: wholeNumberOf('--inputs', values.inputs, { from: 1 }),
    seed: wholeNumberOf('--seed', values.seed, { from: 0 }),
    only: namesOf('--only', values.only, TARGET_NAMES),
    log: values.log,
    ...(values.path === undefined ? {} : { path: values.path }),
  };
}

function printProgress({ sent, of, failures, memory }: Progress): void {
  const held = memory === undefined ? '' : `, host ${memory.host} MB, platform ${memory.platform} MB`;
  console.log(`${sent} of ${of} inputs, ${failures} failures${held}`);
}

function printFailure({ target, seed, path, input, reason, again }: Failure): void {
  console.log(`\nFAILED ${target}: ${reason}`);
  console.log(`  input: ${input}`);
  console.log(`  sent once more: ${again}`);
  console.log(`  repeat: npm run test:fuzz -- --only ${target} --seed ${seed} --path "${path}"`);
}

function printResult({ sent, taken, orders, memory, failures, problems }: CampaignResult): void {
  console.table(
    Object.fromEntries(
      Object.entries(sent).map(([name, inputs]) => [name, { inputs, taken: taken[name] ?? 0 }]),
    ),
  );
  console.log(
    `Orders by HTTP ${orders.http}, messages ${orders.messages}, ordinary orders beside them ${orders.steady}.`,
  );
  console.log(
    `Memory in MB after a tenth: ${JSON.stringify(memory.warm)}; at the end: ${JSON.stringify(memory.end)}.`,
  );
  for (const failure of failures) printFailure(failure);
  for (const problem of problems) console.log(`PROBLEM ${problem}`);
}

async function run({ log, ...options }: Flags): Promise<number> {
  const { seed } = options;
  console.log(`seed ${seed}`);
  const result = await runCampaign(openTargets, { ...options, onProgress: printProgress });
  printResult(result);
  const isWrong = result.failures.length + result.problems.length > 0;
  if (isWrong && log) console.log(result.output);
  console.log(isWrong ? `\nSomething is wrong (seed ${seed}).` : '\nNothing is wrong.');
  return isWrong ? 1 : 0;
}

const command = { usage: USAGE, read: readFlags, run };

void runCommand(command, process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
