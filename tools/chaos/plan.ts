// Types of the plan of a chaos run: orders to send and disturbances to cause, each at its moment. The plan follows
// from the request alone (seed, size, kinds), and can be printed, narrowed and played again. make-plan.ts makes it.
import type { OrderBody } from '../../local/demo/system-client';
import type { CosmosFault } from 'azure-local/cosmos/faults';
import type { StorageMode } from 'azure-local/durable/hub';
import type { FaultRule } from 'order-saga-simulators/fault-rules';

/** What can be left out alone. */
export const KINDS = [
  'kill-host',
  'kill-platform',
  'kill-all',
  'stop',
  'services',
  'cosmos',
  'network',
  'deliveries',
  'clock',
] as const;
export type Kind = (typeof KINDS)[number];

export const SAGA_MODES = ['orchestration', 'choreography'] as const;
export type SagaMode = (typeof SAGA_MODES)[number];

export interface PlanRequest {
  readonly seed: number;
  readonly orders: number;
  /** How long orders are sent and disturbances caused; the end comes when everything has drained. */
  readonly durationMs: number;
  /** Kills of each of the three kinds. */
  readonly kills: number;
  readonly kinds: readonly Kind[];
  /** On which the system keeps its task hub; it changes nothing in the plan. */
  readonly storage: StorageMode;
  /** How the sagas run, as an orchestration unless given; it changes nothing in the plan. */
  readonly mode?: SagaMode | undefined;
}

export interface Plan extends PlanRequest {
  readonly placed: readonly PlannedOrder[];
  readonly disturbances: readonly Disturbance[];
}

export type Way = 'http' | 'queue';

/** An order, or what is none: `bad` input is refused by HTTP and dead-lettered by the queue. */
export interface PlannedOrder {
  /** Idempotency key, message id and correlation id. */
  readonly key: string;
  readonly atMs: number;
  /** More than one: the same order comes both ways at once, or several times. */
  readonly ways: readonly Way[];
  readonly customerId: string;
  readonly items: readonly PlannedItem[];
  /** How it is paid, and with which coupon. */
  readonly pays: Pick<OrderBody, 'couponCode' | 'payments'>;
  /** Sent once more this long after it was taken. */
  readonly againAfterMs: number | undefined;
  readonly cancelAfterMs: number | undefined;
  /** The saga starts this long after the order was sent. */
  readonly notBeforeMs: number | undefined;
  readonly bad: BadInput | undefined;
  /** What is answered about an order above the limit; `nobody` lets the time run out. Undefined: nobody is asked. */
  readonly approval: 'approve' | 'reject' | 'nobody' | undefined;
  /** What comes back of it once it is completed; each is requested while the one before may still be open. */
  readonly returns: readonly PlannedReturn[];
}

export interface PlannedItem {
  readonly productId: string;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly kind?: 'digital';
}

/** Pieces of the first item of an order. */
export interface PlannedReturn {
  readonly quantity: number;
  readonly accepted: number;
  readonly damaged: number;
  /** The customer cancels it when it is being inspected. */
  readonly isCancelled: boolean;
}

export type BadInput = 'notJson' | 'notAnObject' | 'invalid';

export type ServiceFault = Pick<
  FaultRule,
  'service' | 'operation' | 'fault' | 'delayMs' | 'probability' | 'seed'
>;

export type StoreFault = Partial<CosmosFault> & Pick<CosmosFault, 'fault'>;

/** What lies behind a proxy that the app goes through. */
export const PROXIED_SERVICES = ['cosmos', 'servicebus', 'services', 'eventgrid'] as const;
export type ProxiedService = (typeof PROXIED_SERVICES)[number];

/** `cut` breaks every connection once, `shut` refuses new ones too, `slow` holds back every piece of data. */
export type Trouble = { readonly proxy: ProxiedService } & (
  { readonly how: 'cut' } | { readonly how: 'shut' } | { readonly how: 'slow'; readonly delayMs: number }
);

export type Disturbance = { readonly atMs: number } & (
  | {
      readonly kind: 'kill-host' | 'kill-platform' | 'kill-all';
      readonly what: 'host' | 'platform' | 'all';
    }
  /** SIGTERM to the supervisor, and a new start: its children leave signals to it. */
  | { readonly kind: 'stop' }
  | { readonly kind: 'services'; readonly forMs: number; readonly rules: readonly ServiceFault[] }
  | { readonly kind: 'cosmos'; readonly forMs: number; readonly rules: readonly StoreFault[] }
  | { readonly kind: 'network'; readonly forMs: number; readonly trouble: Trouble }
  /** Copies of `events` events go to consumers once more, in an order of their own; so does news of the warehouse. */
  | { readonly kind: 'deliveries'; readonly events: number; readonly seed: number }
  /** How far the clocks of both processes are from the machine's from now on. */
  | { readonly kind: 'clock'; readonly hostMs: number; readonly platformMs: number }
);

/** Products with a counted stock at the start; every other one is without limit. `prod-001` has its seed. */
export const STOCK: Readonly<Record<string, number>> = {
  'chaos-lamp': 100_000,
  'chaos-chair': 50_000,
  'chaos-scarce': 12,
};

/** One line per disturbance, for the terminal. */
export function describe(disturbance: Disturbance): string {
  const at = `${(disturbance.atMs / 1_000).toFixed(1)} s`;
  const { kind, atMs: _, ...rest } = disturbance;
  return `${at} ${kind} ${JSON.stringify(rest)}`;
}
