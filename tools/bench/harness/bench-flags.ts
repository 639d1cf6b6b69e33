// Command line of `npm run tool:bench`.
import { parseArgs } from 'node:util';
import { wholeNumberOf } from '../../../test/support/command-line';

export interface BenchOptions {
  /** Orders per row with many in flight. */
  readonly orders: number;
  readonly oneAtATime: number;
  readonly sagas: number;
  readonly seconds: number;
  readonly isJson: boolean;
}

const FLAGS = {
  orders: { type: 'string', default: '600' },
  one: { type: 'string', default: '100' },
  sagas: { type: 'string', default: '6000' },
  seconds: { type: 'string', default: '3' },
  json: { type: 'boolean', default: false },
} as const;

export const BENCH_USAGE = `Usage: npm run tool:bench -- [flags]
  --orders <n>   orders per row with 64 in flight (600)
  --one <n>      orders per row one at a time (100)
  --sagas <n>    bare sagas on the engine (6000)
  --seconds <n>  how long each empty server is asked (3)
  --json         print the figures as JSON`;

/** @throws Error with a sentence for what cannot be read */
export function parseBenchFlags(argv: readonly string[]): BenchOptions {
  const { values } = parseArgs({ args: [...argv], options: FLAGS, allowPositionals: false });
  const count = (flag: 'orders' | 'one' | 'sagas' | 'seconds'): number =>
    wholeNumberOf(`--${flag}`, values[flag], { from: 1 });
  return {
    orders: count('orders'),
    oneAtATime: count('one'),
    sagas: count('sagas'),
    seconds: count('seconds'),
    isJson: values.json,
  };
}
