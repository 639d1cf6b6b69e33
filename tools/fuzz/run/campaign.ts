// Runner of a whole fuzz run: a system of its own, every target at the same time, ordinary orders beside them, and the
// comparison at the end. It knows no protocol.
//
// fuzz-campaign.F3  No process may end. Memory after all inputs is at most what it was after a tenth of them plus
//   MEMORY_GROWTH_MB.
// fuzz-campaign.F4  Afterwards everything drains, the stores hold what was taken and nothing else, and one more order
//   completes.
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { takeCensus } from './census';
import { watchProcesses, type Memory } from './process-watch';
import { createSteadyOrders } from './steady-orders';
import { createTally, type Tally } from './tally';
import type { Failure, Target } from './target';

export interface CampaignOptions {
  readonly inputs: number;
  readonly seed: number;
  /** Names of targets; all unless given. */
  readonly only?: readonly string[];
  /** fast-check's way to one input of one target; the only one that is sent then. */
  readonly path?: string;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly sent: number;
  readonly of: number;
  readonly failures: number;
  readonly memory: Memory | undefined;
}

export interface CampaignResult {
  readonly sent: Readonly<Record<string, number>>;
  /** Inputs that were taken rather than refused, by target. */
  readonly taken: Readonly<Record<string, number>>;
  readonly orders: { readonly http: number; readonly messages: number; readonly steady: number };
  readonly memory: { readonly warm: Memory | undefined; readonly end: Memory | undefined };
  readonly failures: readonly Failure[];
  /** What is wrong with the system as a whole, in sentences. */
  readonly problems: readonly string[];
  /** What the system has written, for whoever looks into a failure. */
  readonly output: string;
}

/** Makes the targets for a system; what they need beforehand is made here, what they hold is let go by `close`. */
export type OpenTargets = (system: RunningSystem, tally: Tally) => Promise<OpenedTargets>;

export interface OpenedTargets {
  readonly targets: readonly Target[];
  /** What should have come to an end by now and has not, in sentences. */
  late(): readonly string[];
  close(): Promise<void>;
}

/** Caches, buffers and the heap of some thousand orders come and go; a leak per input would be far above it. */
const MEMORY_GROWTH_MB = 300;
const PROGRESS_EVERY_MS = 2_000;

export async function runCampaign(
  openTargets: OpenTargets,
  options: CampaignOptions,
): Promise<CampaignResult> {
  const system = await startSystem();
  try {
    return await runOn(system, openTargets, options);
  } finally {
    await system.stop();
  }
}

async function runOn(
  system: RunningSystem,
  openTargets: OpenTargets,
  options: CampaignOptions,
): Promise<CampaignResult> {
  const { inputs, seed, only, path, onProgress = () => undefined } = options;
  const watch = watchProcesses(system);
  const tally = createTally();
  const steady = createSteadyOrders(system.urls);
  await steady.placeOne();
  const opened = await openTargets(system, tally);
  const targets = opened.targets.filter(({ name }) => only?.includes(name) ?? true);
  const shares = targets.reduce((sum, { share }) => sum + share, 0);
  const counts = new Map(targets.map(({ name, share }) => [name, Math.round((inputs * share) / shares)]));
  const sent: Record<string, number> = {};
  const failures: Failure[] = [];
  let warm: Memory | undefined;
  const sentInAll = (): number => Object.values(sent).reduce((sum, count) => sum + count, 0);
  const onSent = (name: string): void => {
    sent[name] = (sent[name] ?? 0) + 1;
    if (warm === undefined && sentInAll() * 10 >= inputs) warm = watch.memory();
  };
  const ticking = setInterval(
    () => onProgress({ sent: sentInAll(), of: inputs, failures: failures.length, memory: watch.memory() }),
    PROGRESS_EVERY_MS,
  );
  const stopSteady = steady.start();
  const problems: string[] = [];
  const note = (what: string) => (error: unknown) => void problems.push(`${what}: ${String(error)}`);
  try {
    await Promise.all(
      targets.map(async (target) => {
        const run = { seed, inputs: counts.get(target.name) ?? 0, onSent: () => onSent(target.name) };
        failures.push(...(await target.run(path === undefined ? run : { ...run, path })));
      }),
    );
    await stopSteady().catch(note('Ordinary orders did not go on'));
    problems.push(...opened.late());
  } finally {
    clearInterval(ticking);
    await opened.close();
  }
  problems.push(...(await takeCensus(system, tally, steady.ids)));
  await steady.placeOne().catch(note('The last order'));
  const end = watch.memory();
  problems.push(...watch.losses(), ...grown(warm, end));
  const http = tally.orders.size;
  return {
    sent,
    taken: Object.fromEntries(tally.taken),
    orders: { http, messages: tally.messages.size, steady: steady.ids.size },
    memory: { warm, end },
    failures,
    problems,
    output: system.output(),
  };
}

function grown(warm: Memory | undefined, end: Memory | undefined): string[] {
  if (warm === undefined || end === undefined) return [];
  return (['host', 'platform'] as const)
    .filter((name) => end[name] > warm[name] + MEMORY_GROWTH_MB)
    .map((name) => `The ${name} process grew from ${warm[name]} to ${end[name]} MB.`);
}
