// Where an order can be when a process is killed: every call to a service and every write of its stream, each at the
// moments that matter. A table from which the crash matrix is generated; it knows no running system.

export type Path = 'completes' | 'carrierRefuses';

/** One call that the saga makes, what it does at the service and the event that records it. */
interface SagaCall {
  readonly path: Path;
  readonly service: string;
  readonly operation: string;
  /** Null where the service refuses: it does nothing. */
  readonly effect: string | null;
  readonly event: string;
}

/** One write that no call comes before. */
interface SagaWrite {
  readonly path: Path;
  readonly event: string;
}

// prettier-ignore
const CALLS: readonly SagaCall[] = [
  { path: 'completes', service: 'inventory', operation: 'reserve', effect: 'stockReserved', event: 'StockReserved' },
  { path: 'completes', service: 'payments', operation: 'charge', effect: 'charged', event: 'PaymentProcessed' },
  { path: 'completes', service: 'shipping', operation: 'ship', effect: 'shipmentCreated', event: 'ShipmentCreated' },
  { path: 'completes', service: 'inventory', operation: 'confirm', effect: 'stockConfirmed', event: 'OrderCompleted' },
  { path: 'carrierRefuses', service: 'shipping', operation: 'ship', effect: null, event: 'CompensationStarted' },
  { path: 'carrierRefuses', service: 'payments', operation: 'refund', effect: 'refunded', event: 'PaymentRefunded' },
  { path: 'carrierRefuses', service: 'inventory', operation: 'release', effect: 'stockReleased', event: 'StockReleased' },
];

const WRITES: readonly SagaWrite[] = [
  { path: 'completes', event: 'OrderCreated' },
  { path: 'carrierRefuses', event: 'OrderCreated' },
  { path: 'carrierRefuses', event: 'OrderFailed' },
];

/** A moment of a call: by which fault the saga is held there, and whether the service has acted by then. */
const CALL_MOMENTS = [
  { fault: 'hang', acted: false, says: 'is on its way and will never arrive' },
  { fault: 'slow', acted: false, says: 'is on its way and will act later' },
  { fault: 'holdAnswer', acted: true, says: 'has acted and has not been answered' },
] as const;

/** A moment of a write: where the request is held, and whether the event is in the stream by then. */
const WRITE_MOMENTS = [
  { moment: 'arrival', recorded: false, says: 'is on its way and will never be written' },
  { moment: 'answer', recorded: true, says: 'is written and the host does not know it' },
] as const;

/** How long a `slow` call is held: longer than it takes until the kill and until the restarted host has repeated it. */
export const LATE_MS = 6_000;

export interface CrashPoint {
  /** What is told of it in a title. */
  readonly says: string;
  readonly path: Path;
  readonly customerId: string;
  /** Idempotency key of the order and its correlation id, by which its writes are known. */
  readonly key: string;
  readonly event: string;
  readonly effect: string | null;
  /** Exactly one of the two holds the saga at the point. */
  readonly fault?: FaultRule;
  readonly hold?: HoldRule;
  /** What must be true at the kill, or it was not this point. */
  readonly expected: { readonly acted: boolean; readonly recorded: boolean };
}

export interface FaultRule {
  readonly service: string;
  readonly operation: string;
  readonly customerId: string;
  readonly fault: string;
  readonly times: number;
  readonly delayMs: number;
}

export interface HoldRule {
  readonly contains: readonly string[];
  readonly moment: 'arrival' | 'answer';
}

/** Every crash point, each with a customer and a key of its own. */
export function crashPoints(): CrashPoint[] {
  const drafts = [...CALLS.flatMap(atCall), ...[...CALLS, ...WRITES].flatMap(atWrite)];
  return drafts.map((draft, index) => draft(`crash-${index}`));
}

/** The customer whose orders take this path: the carrier takes nothing for `noship-` customers. */
export function customerOn(path: Path, name: string): string {
  return path === 'carrierRefuses' ? `noship-${name}` : name;
}

type Draft = (key: string) => CrashPoint;

function atCall(call: SagaCall): Draft[] {
  const { path, service, operation, effect, event } = call;
  return CALL_MOMENTS.map(({ fault, acted, says }) => (key) => {
    const customerId = customerOn(path, key);
    return {
      ...{ path, customerId, key, effect, event },
      says: `the call ${service}.${operation} ${says} (${path})`,
      fault: { service, operation, customerId, fault, times: 1, delayMs: LATE_MS },
      expected: { acted: acted && effect !== null, recorded: false },
    };
  });
}

function atWrite({ path, event, ...call }: SagaWrite | SagaCall): Draft[] {
  const effect = 'effect' in call ? call.effect : null;
  return WRITE_MOMENTS.map(({ moment, recorded, says }) => (key) => ({
    ...{ path, key, effect, event },
    customerId: customerOn(path, key),
    says: `${event} ${says} (${path})`,
    hold: { contains: [`"correlationId":"${key}"`, `"type":"${event}"`], moment },
    expected: { acted: effect !== null, recorded },
  }));
}
