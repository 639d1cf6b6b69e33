// Types of rhea's internals (3.0.5, pinned) that its typings do not show; rhea-seam.ts works on them.
import type { Socket } from 'node:net';
import type { Typed } from './amqp-types';

export interface Frame {
  readonly performative: {
    readonly handle?: number;
    message_format?: number | null;
    readonly more?: boolean;
    /** Whether it is a receiver that says it. */
    readonly role?: boolean;
    readonly settled?: boolean;
    /** Whether it asks for an answer. */
    readonly echo?: boolean;
    first?: number;
    last?: number | null;
  };
  readonly payload?: Buffer;
}

/** Deliveries that are not settled, numbered without gaps. */
export interface Unsettled {
  get_head(): { readonly id: number } | undefined;
  get_tail(): { readonly id: number } | undefined;
}

export interface SessionInsides {
  readonly outgoing: {
    readonly deliveries: Unsettled;
    readonly next_pending_delivery: number;
    available(): number;
  };
  readonly incoming: { readonly deliveries: Unsettled };
  on_transfer(frame: Frame): void;
  on_detach(frame: Frame): void;
  on_disposition(frame: Frame): void;
  on_flow(frame: Frame): void;
  output(performative: Typed): void;
  _write_flow(link: unknown): void;
}

export interface LinkInsides {
  readonly session: SessionInsides;
  readonly connection: ConnectionInsides;
  readonly local: { readonly attach: Record<string, unknown> };
  readonly remote: { readonly attach?: Readonly<Record<string, unknown>> };
  credit: number;
  delivery_count: number;
  _process?: () => void;
  _get_drain?: () => boolean;
}

export interface ConnectionInsides {
  /** What the client said in its `open`; any AMQP value. */
  readonly remote: { readonly open: { readonly max_frame_size?: unknown } };
  input(bytes: Buffer): void;
  /** Of a frame of which not all has come yet. */
  readonly frame_size?: number;
  dispatch(event: string, error: Error): void;
  accept(socket: Socket): void;
  _disconnected(): void;
  _process(): void;
  /** An empty one without arguments. */
  _write_frame(): void;
  _register(): void;
}

export interface DeliveryInsides {
  id: number;
  settled: boolean;
  remote_settled: boolean;
  data: Buffer[];
}
