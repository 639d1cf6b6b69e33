// What the server has been asked for, per kind of operation, so that tests can hold requests, request units and bytes
// per order to a figure.

export type OperationKind =
  | 'account'
  | 'database'
  | 'container'
  | 'partitionKeyRanges'
  | 'queryPlan'
  | 'read'
  | 'create'
  | 'upsert'
  | 'replace'
  | 'delete'
  | 'patch'
  | 'batch'
  | 'query'
  | 'feed'
  | 'changeFeed'
  | 'notSimulated';

export interface OperationCount {
  requests: number;
  /** How many of them were answered with a status of 400 or more. */
  refused: number;
  requestUnits: number;
  bytesIn: number;
  bytesOut: number;
}

export type Counts = Partial<Record<OperationKind, OperationCount>>;

export class Counters {
  private counts: Counts = {};

  add(kind: OperationKind, status: number, requestUnits: number, bytesIn: number, bytesOut: number): void {
    const count = (this.counts[kind] ??= {
      requests: 0,
      refused: 0,
      requestUnits: 0,
      bytesIn: 0,
      bytesOut: 0,
    });
    count.requests += 1;
    if (status >= 400) count.refused += 1;
    count.requestUnits = Math.round((count.requestUnits + requestUnits) * 100) / 100;
    count.bytesIn += bytesIn;
    count.bytesOut += bytesOut;
  }

  /** A copy: later requests do not change it. */
  snapshot(): Counts {
    return structuredClone(this.counts);
  }

  reset(): void {
    this.counts = {};
  }
}
