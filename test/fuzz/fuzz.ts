// `npm run fuzz`: throws inputs at every door of a system of its own, and says which one broke what.
//   npm run fuzz -- --inputs 100000 --seed 7 --only post,amqp
import { parseArgs } from 'node:util';
import { runCampaign, type CampaignResult, type Progress } from './run/campaign';
import { openTargets, TARGET_NAMES } from './run/open-targets';
import type { Failure } from './run/target';

const USAGE = `Usage: npm run fuzz -- [flags]
  --inputs <n>     how many inputs, all targets together (100000)
  --seed <n>       repeats a run (a random one, which is printed)
  --only <names>   some of ${TARGET_NAMES.join(', ')}
  --path <path>    with --only and --seed: one input of an earlier run
  --log            print what the system wrote when something is wrong`;

interface Flags {
  readonly inputs: number;
  readonly seed: number;
  readonly only?: readonly string[];
  readonly path?: string;
  readonly log: boolean;
}

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 0x7fffffff)) },
      only: { type: 'string' },
      path: { type: 'string' },
      log: { type: 'boolean', default: false },
    },
  });
  const only = values.only?.split(',');
  const unknown = only?.find((name) => !TARGET_NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`There is no target ${unknown}.`);
  const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
  if (!Number.isInteger(inputs) || inputs < 1 || !Number.isInteger(seed))
    throw new Error('--inputs and --seed are whole numbers.');
  return {
    inputs,
    seed,
    log: values.log,
    ...(only === undefined ? {} : { only }),
    ...(values.path === undefined ? {} : { path: values.path }),
  };
}

function printProgress({ sent, of, failures, memory }: Progress): void {
  const held = memory === undefined ? '' : `, host ${memory.host} MB, platform ${memory.platform} MB`;
  console.log(`${sent} of ${of} inputs, ${failures} failures${held}`);
}

function printFailure({ target, seed, path, input, verdict, again }: Failure): void {
  console.log(`\nFAILED ${target}: ${verdict}`);
  console.log(`  input: ${input}`);
  console.log(`  sent once more: ${again}`);
  console.log(`  repeat: npm run fuzz -- --only ${target} --seed ${seed} --path "${path}"`);
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

async function main(): Promise<void> {
  let flags: Flags;
  try {
    flags = readFlags();
  } catch (error) {
    console.log(`${(error as Error).message}\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  const { log, ...options } = flags;
  console.log(`seed ${flags.seed}`);
  const result = await runCampaign(openTargets, { ...options, onProgress: printProgress });
  printResult(result);
  const isWrong = result.failures.length + result.problems.length > 0;
  if (isWrong && log) console.log(result.output);
  console.log(isWrong ? `\nSomething is wrong (seed ${flags.seed}).` : '\nNothing is wrong.');
  process.exitCode = isWrong ? 1 : 0;
}

void main();
