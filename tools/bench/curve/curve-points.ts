// Points of the curve: figures at several sizes of the store, and the file that keeps them beside the picture.
import type { Spread } from '../harness/quantile';
import type { BenchRow } from '../harness/table';

/** Times are those of orders one at a time. */
export interface CurvePoint extends Spread, Pick<BenchRow, 'perSecond' | 'cpuMs' | 'rssMb'> {
  /** Orders in the store. */
  readonly orders: number;
  readonly startMs: number;
  /** A page of the list of one customer. */
  readonly listMs: number;
  readonly storeRequests: number;
  readonly diskMb: number;
}

export interface Curve {
  readonly date: string;
  readonly machine: string;
  readonly command: string;
  /** What whoever reads the figures must know, such as a machine that was busy with other things. */
  readonly remark: string;
  readonly points: readonly CurvePoint[];
}
