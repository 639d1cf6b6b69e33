// Request for a run as the command line gives it, and the command that asks for the same run again.
import { parseArgs } from 'node:util';
import { STORAGE_MODES } from 'azure-local/durable/hub';
import { namesOf, numberOf, wholeNumberOf } from '../../test/support/command-line';
import { KINDS, SAGA_MODES, type PlanRequest } from './plan';

export interface ChaosCommand {
  readonly request: PlanRequest;
  readonly shrinkMinutes: number;
  readonly drainMinutes: number;
  readonly printPlan: boolean;
}

const FLAGS = {
  orders: { type: 'string', default: '1000' },
  seed: { type: 'string' },
  for: { type: 'string' },
  kills: { type: 'string' },
  only: { type: 'string', default: KINDS.join(',') },
  storage: { type: 'string', default: 'atomic' },
  mode: { type: 'string', default: 'orchestration' },
  'shrink-minutes': { type: 'string', default: '15' },
  'drain-minutes': { type: 'string' },
  plan: { type: 'boolean', default: false },
} as const;

export const USAGE = `Usage: npm run test:chaos -- [flags]
  --orders <n>          orders to send (1000)
  --seed <n>            the plan; a random one unless given
  --for <minutes>       how long orders are sent and things are broken (80 ms per order, at least half a minute; at most 45)
  --kills <n>           SIGKILLs of the host, of the platform and of everything: n of each (5 a minute, at least 4)
  --only <kinds>        of ${KINDS.join(', ')}
  --storage <mode>      of the task hub: ${STORAGE_MODES.join(' or ')} (atomic)
  --mode <mode>         of the sagas: ${SAGA_MODES.join(' or ')} (orchestration)
  --shrink-minutes <n>  time to look for a smaller failing case; 0 for none (15)
  --drain-minutes <n>   time to come to rest at the end (1 per thousand orders, at least 5)
  --plan                print the plan and play nothing`;

const MS_PER_ORDER = 80;
const LEAST_MS = 30_000;
/** Messages on the topic live for an hour; the judge has to find them. */
const MAX_MINUTES = 45;
const KILLS_PER_MINUTE = 5;
const LEAST_KILLS = 4;
const LEAST_DRAIN_MINUTES = 5;

/** Reads the flags. @throws Error with a sentence for what cannot be read */
export function parseRequest(argv: readonly string[], randomSeed: number): ChaosCommand {
  const { values } = parseArgs({ args: [...argv], options: FLAGS, allowPositionals: false });
  const orders = wholeNumberOf('--orders', values.orders, { from: 1 });
  const durationMs =
    values.for === undefined
      ? Math.max(LEAST_MS, orders * MS_PER_ORDER)
      : numberOf('--for', values.for, { from: 0.1 }) * 60_000;
  if (durationMs > MAX_MINUTES * 60_000) {
    throw new Error(
      `That would take ${Math.round(durationMs / 60_000)} minutes, and messages that the judge has to find live for an hour: send fewer orders, or say --for ${MAX_MINUTES}.`,
    );
  }
  const usualKills = Math.max(LEAST_KILLS, Math.round((durationMs / 60_000) * KILLS_PER_MINUTE));
  const [storage = 'atomic'] = namesOf('--storage', values.storage, STORAGE_MODES);
  const [mode = 'orchestration'] = namesOf('--mode', values.mode, SAGA_MODES);
  return {
    request: {
      storage,
      ...(mode === 'orchestration' ? {} : { mode }),
      seed: values.seed === undefined ? randomSeed : wholeNumberOf('--seed', values.seed, { from: 0 }),
      orders,
      durationMs,
      kills: values.kills === undefined ? usualKills : wholeNumberOf('--kills', values.kills, { from: 0 }),
      kinds: values.only === '' ? [] : namesOf('--only', values.only, KINDS),
    },
    shrinkMinutes: numberOf('--shrink-minutes', values['shrink-minutes'], { from: 0 }),
    drainMinutes:
      values['drain-minutes'] === undefined
        ? Math.max(LEAST_DRAIN_MINUTES, orders / 1_000)
        : numberOf('--drain-minutes', values['drain-minutes'], { from: 0.1 }),
    printPlan: values.plan,
  };
}

/** The command that plays the same plan. */
export function commandFor({ seed, orders, durationMs, kills, kinds, storage, mode }: PlanRequest): string {
  const only = kinds.length === KINDS.length ? '' : ` --only=${kinds.join(',')}`;
  const on = storage === 'atomic' ? '' : ` --storage ${storage}`;
  const as = mode === undefined ? '' : ` --mode ${mode}`;
  return `npm run test:chaos -- --seed ${seed} --orders ${orders} --for ${durationMs / 60_000} --kills ${kills}${only}${on}${as}`;
}
