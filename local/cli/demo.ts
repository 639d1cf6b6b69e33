// Program behind `npm run demo`: plays every scenario on a system of its own and prints expected against actual; with
// --kill it kills every process in mid-payment and adds the sums up afterwards. The exit code says whether all is as
// expected. With `--mode choreography` the sagas run in that mode.
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { playKill } from '../demo/kill-demo';
import { playTable } from '../demo/demo-systems';
import type { Expected, Played } from '../demo/scenarios';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';

const { values: flags } = parseArgs({
  options: {
    kill: { type: 'boolean', default: false },
    mode: { type: 'string', default: 'orchestration' },
  },
});
const settings = { 'OrderProcessing:SagaMode': flags.mode };

async function scenarios(): Promise<boolean> {
  let asExpected = true;
  await playTable(async ({ scenario, played }) => {
    const { actual, timeline } = await played;
    const same = isDeepStrictEqual(actual, scenario.expected);
    asExpected &&= same;
    console.log(`\n${same ? '✓' : '✗'} ${scenario.name}`);
    console.log(`    expected  ${summary(scenario.expected)}`);
    console.log(`    actual    ${summary(actual)}`);
    console.log(`    timeline  ${timelineText(timeline)}`);
  }, settings);
  return asExpected;
}

function summary({ status, failureCode, effects, paymentAttempts, needsIntervention }: Expected): string {
  return [
    status,
    ...(failureCode === null ? [] : [failureCode]),
    ...(paymentAttempts === undefined ? [] : [`${paymentAttempts} payment attempts`]),
    ...(needsIntervention === true ? ['needs intervention'] : []),
    effects.length === 0 ? '(no effect)' : effects.join(' → '),
  ].join(' · ');
}

function timelineText(timeline: Played['timeline']): string {
  return timeline.map(({ type, atMs }) => `${type} +${atMs}`).join('  ');
}

async function kill(): Promise<boolean> {
  const system = await startSystem({ settings });
  try {
    return await killAndAddUp(system);
  } finally {
    await system.stop();
  }
}

async function killAndAddUp(system: RunningSystem): Promise<boolean> {
  const { orders, ledger, stock, problems } = await playKill(system, (line) => console.log(line));
  const count = (status: string): number => orders.filter((order) => order.status === status).length;
  console.table({
    orders: { total: orders.length, completed: count('completed'), failed: count('failed') },
  });
  console.table({
    payments: { charges: ledger.charged, refunds: ledger.refunded, net: ledger.netMinor / 100 },
  });
  console.table({ stock });
  for (const problem of problems) console.log(`✗ ${problem}`);
  if (problems.length === 0) console.log('✓ nothing lost, nothing done twice: the sums balance');
  return problems.length === 0;
}

async function main(): Promise<number> {
  console.log('Starting a system of its own, on free ports and temporary data');
  return (await (flags.kill ? kill() : scenarios())) ? 0 : 1;
}

void main().then((exitCode) => process.exit(exitCode));
