// Command line of the curve.
import { parseArgs } from 'node:util';
import { wholeNumberOf } from '../../../test/support/command-line';

export interface CurveOptions {
  /** Orders in the store at each point, ascending. */
  readonly sizes: readonly number[];
  readonly orders: number;
  readonly one: number;
  readonly remark: string;
  /** Where the figures and the picture go. */
  readonly out: string;
  /** Kept; a temporary folder that goes in the end unless given. */
  readonly dataDir: string | undefined;
  /** Only draw the picture again. */
  readonly isDrawing: boolean;
}

const FLAGS = {
  sizes: { type: 'string', default: '1000,10000,100000,1000000' },
  orders: { type: 'string', default: '400' },
  one: { type: 'string', default: '100' },
  remark: { type: 'string', default: '' },
  out: { type: 'string', default: 'docs/images' },
  data: { type: 'string' },
  draw: { type: 'boolean', default: false },
} as const;

export const CURVE_USAGE = `Usage: node dist/bench/curve.js [flags]
  --sizes <list>   orders in the store at each point (${FLAGS.sizes.default})
  --orders <n>     orders per point with 64 in flight (${FLAGS.orders.default})
  --one <n>        orders per point one at a time (${FLAGS.one.default})
  --remark <text>  stands below the picture
  --out <folder>   where orders-curve.json and .svg go (${FLAGS.out.default})
  --data <folder>  fill this folder, which must not be there yet, and keep it
  --draw           only draw the picture again`;

/** @throws Error with a sentence for what cannot be read */
export function parseCurveFlags(argv: readonly string[]): CurveOptions {
  const { values } = parseArgs({ args: [...argv], options: FLAGS, allowPositionals: false });
  const count = (flag: 'orders' | 'one'): number => wholeNumberOf(`--${flag}`, values[flag], { from: 1 });
  const sizes = values.sizes.split(',').map((size) => wholeNumberOf('--sizes', size, { from: 1 }));
  if (sizes.some((size, index) => size <= (sizes[index - 1] ?? 0)))
    throw new Error(
      `--sizes takes sizes that grow, not "${values.sizes}": the store is filled further for each.`,
    );
  const { remark, out, data: dataDir, draw: isDrawing } = values;
  return { sizes, orders: count('orders'), one: count('one'), remark, out, dataDir, isDrawing };
}
