// What the curve is made of: figures at several sizes of the store, and the file that keeps them beside the picture.

export interface CurvePoint {
  /** Orders in the store. */
  readonly orders: number;
  readonly perSecond: number;
  /** One order at a time. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Per order, by process. */
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly rssMb: Readonly<Record<string, number>>;
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

export const sumOfValues = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((sum, value) => sum + value, 0);
