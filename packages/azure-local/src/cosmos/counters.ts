// Counters of requests, request units and bytes per kind of operation, in all and by container. Tests read them
// through the control API to hold the cost of an order to a figure.

/** What is asked of a container's documents. */
export type DocumentKind =
  | 'read'
  | 'create'
  | 'upsert'
  | 'replace'
  | 'delete'
  | 'patch'
  | 'batch'
  | 'query'
  | 'queryPlan'
  | 'feed'
  | 'changeFeed';

export type OperationKind =
  DocumentKind | 'account' | 'database' | 'container' | 'partitionKeyRanges' | 'notSimulated';

export interface OperationCount {
  requests: number;
  /** How many of them were answered with a status of 400 or more. */
  refused: number;
  requestUnits: number;
  bytesIn: number;
  bytesOut: number;
}

export type Counts = Partial<Record<OperationKind, OperationCount>>;

/** One answer. */
export interface Answered {
  readonly status: number;
  readonly requestUnits: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export class Counters {
  private counts: Counts = {};
  private containers: Record<string, Counts> = {};

  /** `container` is the one that was asked; undefined for the account and its databases. */
  add(kind: OperationKind, container: string | undefined, answered: Answered): void {
    addTo(this.counts, kind, answered);
    if (container !== undefined) addTo((this.containers[container] ??= {}), kind, answered);
  }

  /** A copy: later requests do not change it. */
  snapshot(): Counts {
    return structuredClone(this.counts);
  }

  /** The same by the names of containers. */
  byContainer(): Readonly<Record<string, Counts>> {
    return structuredClone(this.containers);
  }

  reset(): void {
    this.counts = {};
    this.containers = {};
  }
}

function addTo(counts: Counts, kind: OperationKind, answered: Answered): void {
  const count = (counts[kind] ??= { requests: 0, refused: 0, requestUnits: 0, bytesIn: 0, bytesOut: 0 });
  count.requests += 1;
  if (answered.status >= 400) count.refused += 1;
  count.requestUnits = Math.round((count.requestUnits + answered.requestUnits) * 100) / 100;
  count.bytesIn += answered.bytesIn;
  count.bytesOut += answered.bytesOut;
}
