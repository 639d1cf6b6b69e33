// Aggregates COUNT, SUM, AVG, MIN and MAX over rows. Undefined values are skipped; a value of the wrong type makes SUM
// and AVG undefined, as in the service.
import type { AggregateName } from './ast';
import { finite } from './functions';
import { compareForOrder, type Value } from './values';

export interface Accumulator {
  add(value: Value): void;
  result(): Value;
}

function count(): Accumulator {
  let counted = 0;
  return {
    add(value) {
      if (value !== undefined) counted += 1;
    },
    result: () => counted,
  };
}

function sum(finish: (total: number, terms: number) => Value): Accumulator {
  let total = 0;
  let terms = 0;
  let failed = false;
  return {
    add(value) {
      if (value === undefined) return;
      if (typeof value !== 'number') failed = true;
      else {
        total += value;
        terms += 1;
      }
    },
    result: () => (failed ? undefined : finish(total, terms)),
  };
}

function extreme(sign: 1 | -1): Accumulator {
  let best: Value;
  return {
    add(value) {
      if (value === undefined || (typeof value === 'object' && value !== null)) return;
      if (best === undefined || sign * compareForOrder(value, best) > 0) best = value;
    },
    result: () => best,
  };
}

const ACCUMULATORS: Readonly<Record<AggregateName, () => Accumulator>> = {
  COUNT: count,
  SUM: () => sum((total) => finite(total)),
  AVG: () => sum((total, terms) => (terms === 0 ? undefined : finite(total / terms))),
  MIN: () => extreme(-1),
  MAX: () => extreme(1),
};

export const createAccumulator = (name: AggregateName): Accumulator => ACCUMULATORS[name]();
