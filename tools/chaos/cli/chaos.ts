// Program behind `npm run test:chaos`: many orders on a system of its own while a seeded plan kills, breaks, delays
// and repeats; then every invariant must hold. A failing run is made smaller and its data stays. The exit code says
// whether all held.
import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { runCommand } from '../../../test/support/command-line';
import type { Violation } from '../facts';
import { makePlan } from '../make-plan';
import { describe, type PlanRequest } from '../plan';
import { countsText, outcomeText } from '../outcome';
import { commandFor, parseRequest, USAGE, type ChaosCommand } from '../request';
import { runPlan, type ChaosResult } from '../run';
import { shrink } from '../shrink';

const SHOWN = 20;
const MAX_RANDOM_SEED = 1_000_000;

const say = (line: string): void => console.log(line);

async function play(request: PlanRequest, drainMinutes: number): Promise<ChaosResult> {
  return runPlan(makePlan(request), { drainMs: drainMinutes * 60_000, say: (line) => say(`  ${line}`) });
}

function show({ violations, facts, counts, seconds }: ChaosResult): void {
  say(outcomeText(facts));
  say(`disturbances: ${countsText(counts)}; ${seconds} s`);
  for (const invariant of names(violations)) {
    const own = violations.filter((violation) => violation.invariant === invariant);
    say(`✗ ${invariant}: ${own.length} times not`);
    for (const { says } of own.slice(0, SHOWN)) say(`    ${says}`);
    if (own.length > SHOWN) say(`    and ${own.length - SHOWN} more`);
  }
}

const names = (violations: readonly Violation[]): Set<string> =>
  new Set(violations.map(({ invariant }) => invariant));

/** Plays smaller requests; one fails as the first did when an invariant fails that failed there. */
async function smaller(
  first: ChaosResult,
  { request, shrinkMinutes, drainMinutes }: ChaosCommand,
): Promise<PlanRequest> {
  const untilMs = performance.now() + shrinkMinutes * 60_000;
  const failed = names(first.violations);
  return shrink(
    request,
    async (candidate) => {
      say(`\nDoes it still fail? ${commandFor(candidate)}`);
      const { violations, dataDir } = await play(candidate, drainMinutes);
      const isSame = [...names(violations)].some((name) => failed.has(name));
      say(isSame ? `  yes: ${violations.length} violations; data in ${dataDir}` : '  no');
      if (!isSame) rmSync(dataDir, { recursive: true, force: true });
      return isSame;
    },
    () => performance.now() > untilMs,
  );
}

/**
 * rhea-promise throws from a timer when a send of this program times out on a link that never attached (its message asks
 * the sender for an address that it does not have). The sender here has a limit of its own and sends again.
 */
process.on('uncaughtException', (error) => {
  if (error instanceof TypeError && error.message.includes("reading 'address'")) return;
  console.error(error);
  process.exit(1);
});

async function run(command: ChaosCommand): Promise<number> {
  const { request, shrinkMinutes, drainMinutes, printPlan } = command;
  say(`Seed ${request.seed}: ${commandFor(request)}`);
  if (printPlan) {
    const plan = makePlan(request);
    for (const order of plan.placed) say(JSON.stringify(order));
    for (const disturbance of plan.disturbances) say(describe(disturbance));
    return 0;
  }
  const result = await play(request, drainMinutes);
  show(result);
  if (result.violations.length === 0) {
    rmSync(result.dataDir, { recursive: true, force: true });
    say('✓ every invariant holds: nothing lost, nothing done twice');
    return 0;
  }
  say(`The data stay in ${result.dataDir}; look at them with: npm start -- --data ${result.dataDir}/system`);
  const found = shrinkMinutes > 0 ? await smaller(result, command) : request;
  say(`\nTo repeat it: ${commandFor(found)}`);
  return 1;
}

const command = {
  usage: USAGE,
  read: (argv: readonly string[]) => parseRequest(argv, randomInt(MAX_RANDOM_SEED)),
  run,
};

void runCommand(command, process.argv.slice(2)).then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
