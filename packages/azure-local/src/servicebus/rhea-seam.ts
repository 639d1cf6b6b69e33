// Adapter of rhea's internals (3.0.5, pinned): everything that its typings do not show and the broker needs is in this
// file, with the reason. It contains nothing of the broker.
import type { Socket } from 'node:net';
import {
  create_container,
  type Connection,
  type ConnectionOptions,
  type Container,
  type Delivery,
  type Receiver,
  type Sender,
} from 'rhea';
import { described, types, type Typed } from './amqp-types';
import type { BrokerError } from './errors';
import { createFrameReader } from './frame-bounds';
import type { ConnectionInsides, DeliveryInsides, LinkInsides, SessionInsides } from './rhea-insides';

type Link = Sender | Receiver;
const insides = (link: Link): LinkInsides => link as unknown as LinkInsides;
const insidesOf = (delivery: Delivery): DeliveryInsides => delivery as unknown as DeliveryInsides;

/** The format under which an ordinary message is passed on as the bytes that came. */
export const PLAIN_FORMAT = 1;
/** The format of a batch, whose data sections are messages. */
export const BATCH_FORMAT = 0x80013700;

const DISPOSITION = 0x15;
const OUTCOMES = { accepted: 0x24, rejected: 0x25, error: 0x1d } as const;
const FRAME_BYTES = 64 * 1024;
/** MIN-MAX-FRAME-SIZE of AMQP 1.0, part 2.8.1. */
const FRAME_BYTES_AT_LEAST = 512;
/** Deliveries a session may hold unsettled; rhea allocates nothing for it. */
const DELIVERIES_AT_MOST = 1_000_000;
/** A message that is too large is read and refused up to here; who goes on sending is cut off. */
const UNFINISHED_BYTES_AT_MOST = 16 * 1024 * 1024;

/** The mechanism by which the .NET client says that its token follows on `$cbs`; it offers no other. */
const TOKEN_FOLLOWS = 'MSSBCBS';

/** A container that lets every client in: SASL ANONYMOUS, PLAIN with any password, and MSSBCBS. */
export function createContainer(id: string): Container {
  const container = create_container({ id });
  const mechanisms = container.sasl_server_mechanisms as Record<string, unknown> & {
    enable_anonymous(): void;
    enable_plain(check: () => boolean): void;
  };
  mechanisms.enable_anonymous();
  mechanisms.enable_plain(() => true);
  mechanisms[TOKEN_FOLLOWS] = mechanisms['ANONYMOUS'];
  return container;
}

/** Serves a client on `socket`. rhea decides nothing about credit and settlement; frames of one turn leave in one write. */
export function serveSocket(container: Container, socket: Socket): Connection {
  const connection = container.create_connection({
    autoaccept: false,
    autosettle: false,
    credit_window: 0,
    treat_modified_as_released: false,
    max_frame_size: FRAME_BYTES,
    session_buffer_size: DELIVERIES_AT_MOST,
  } as unknown as ConnectionOptions);
  const inner = connection as unknown as ConnectionInsides;
  const process = inner._process.bind(connection);
  inner._process = () => {
    socket.cork();
    process();
    socket.uncork();
  };
  boundFrames(inner);
  inner.accept(socket);
  // rhea does not listen to 'close': without this its heartbeat outlives a destroyed socket.
  socket.once('close', () => inner._disconnected());
  return connection;
}

function boundFrames(inner: ConnectionInsides): void {
  const input = inner.input.bind(inner);
  const frames = createFrameReader(FRAME_BYTES);
  inner.input = (bytes) => {
    try {
      const whole = frames.read(bytes);
      if (whole.length > 0) input(whole);
      // A protocol header where none belongs: rhea takes it for the size of a frame.
      if ((inner.frame_size ?? 0) > FRAME_BYTES) throw new RangeError('a protocol header among frames');
    } catch (error) {
      inner.dispatch('protocol_error', error as Error);
    }
  };
}

/**
 * Refuses a client that takes smaller frames than every peer must: rhea subtracts the head from what it says, and cuts a
 * message into pieces of that length for ever once it is below zero. What is thrown cuts the connection off.
 */
export function assertOpen(connection: Connection): void {
  const { max_frame_size: largest } = (connection as unknown as ConnectionInsides).remote.open;
  if (largest !== undefined && largest !== null && !(Number(largest) >= FRAME_BYTES_AT_LEAST))
    throw new Error(
      `it takes frames of ${JSON.stringify(largest)} bytes, not ${FRAME_BYTES_AT_LEAST} or more`,
    );
}

/**
 * Bounds what one session can make rhea do. It walks through every number between `first` and `last` of a disposition,
 * four thousand million if the frame says so: here, through those that are not settled. It keeps a message that never ends: what is
 * thrown cuts the connection off.
 */
export function boundSession(session: unknown): void {
  const inner = session as SessionInsides;
  const onDisposition = inner.on_disposition.bind(session);
  inner.on_disposition = (frame) => {
    const { performative } = frame;
    const { deliveries } = performative.role === true ? inner.outgoing : inner.incoming;
    const [oldest, newest] = [deliveries.get_head(), deliveries.get_tail()];
    if (oldest === undefined || newest === undefined) return;
    const { first = 0, last } = performative;
    performative.first = Math.max(first, oldest.id);
    performative.last = Math.min(last ?? first, newest.id);
    if (performative.first <= performative.last) onDisposition(frame);
  };
  const unfinished = new Map<number, number>();
  const onTransfer = inner.on_transfer.bind(session);
  inner.on_transfer = (frame) => {
    const { handle = 0, more = false } = frame.performative;
    const bytes = (unfinished.get(handle) ?? 0) + (frame.payload?.length ?? 0);
    if (bytes > UNFINISHED_BYTES_AT_MOST) throw new Error(`a message of more than ${bytes} bytes`);
    if (more) unfinished.set(handle, bytes);
    else unfinished.delete(handle);
    onTransfer(frame);
  };
  const onDetach = inner.on_detach.bind(session);
  inner.on_detach = (frame) => {
    // The next link may have the same handle.
    unfinished.delete(frame.performative.handle ?? 0);
    onDetach(frame);
  };
}

/** Calls `onSilent` with every frame of the session that has no answer. */
export function watchSilentFrames(session: unknown, onSilent: () => void): void {
  const inner = session as SessionInsides;
  const onFlow = inner.on_flow.bind(session);
  inner.on_flow = (frame) => {
    if (frame.performative.echo !== true) onSilent();
    onFlow(frame);
  };
  const onDisposition = inner.on_disposition.bind(session);
  inner.on_disposition = (frame) => {
    if (frame.performative.settled === true) onSilent();
    onDisposition(frame);
  };
}

/** Sends a frame that says nothing. */
export const sendEmptyFrame = (connection: Connection): void =>
  (connection as unknown as ConnectionInsides)._write_frame();

/** Makes rhea hand over messages as bytes: it decodes format 0, which costs time and loses the types of properties. */
export function passOnBytes(session: unknown): void {
  const inner = session as SessionInsides;
  const onTransfer = inner.on_transfer.bind(session);
  inner.on_transfer = (frame) => {
    if (frame.performative.message_format === 0) frame.performative.message_format = PLAIN_FORMAT;
    onTransfer(frame);
  };
}

/** Answers an attach with the peer's own settle modes, and with what is given here. */
export function echoAttach(link: Link, more: { maxMessageBytes?: number; properties?: object } = {}): void {
  const { local, remote } = insides(link);
  local.attach['snd_settle_mode'] = remote.attach?.['snd_settle_mode'] ?? 2;
  local.attach['rcv_settle_mode'] = remote.attach?.['rcv_settle_mode'] ?? 0;
  if (more.maxMessageBytes !== undefined) local.attach['max_message_size'] = more.maxMessageBytes;
  if (more.properties !== undefined) local.attach['properties'] = more.properties;
}

/** Withholds the answer to an attach until `releaseAttach`. */
export function holdAttach(link: Link): void {
  insides(link)._process = () => undefined;
}

/** Does nothing where nothing is withheld. */
export function releaseAttach(link: Link): void {
  delete insides(link)._process;
  insides(link).connection._register();
}

/** Transfers written so far and credit drained. What is only queued uses up credit that rhea still counts as free. */
export const writtenOrDrained = (sender: Sender): number => insides(sender).delivery_count;
export const creditOf = (link: Link): number => insides(link).credit;
export const sessionHasRoom = (sender: Sender): boolean => insides(sender).session.outgoing.available() > 0;

/** Uses up the sender's credit and says so, also at credit 0, where rhea would answer without the drain flag. */
export function answerDrain(sender: Sender): number {
  const inner = insides(sender);
  const drained = inner.credit;
  inner.delivery_count += drained;
  inner.credit = 0;
  inner._get_drain = () => true;
  inner.session._write_flow(sender);
  delete inner._get_drain;
  return drained;
}

/** Forgets the bytes of a delivery that is written; rhea keeps them until it is settled. */
export function dropBytes(delivery: Delivery): void {
  const inner = insidesOf(delivery);
  if (inner.id < insides(delivery.link).session.outgoing.next_pending_delivery) inner.data = [];
}

export const ACCEPTED: Typed = described(OUTCOMES.accepted, types.wrap_list([]));

export const rejected = ({ condition, message }: BrokerError): Typed => {
  const error = described(
    OUTCOMES.error,
    types.wrap_list([types.wrap_symbol(condition), types.wrap_string(message)]),
  );
  return described(OUTCOMES.rejected, types.wrap_list([error]));
};

export interface Answer {
  readonly delivery: Delivery;
  readonly outcome: Typed;
}

/**
 * Answers deliveries as settled. rhea's own way merges two different outcomes of neighbours into one frame; here only
 * neighbours that are both accepted share one.
 */
export function writeAnswers(link: Link, answers: readonly Answer[]): void {
  const { session, connection } = insides(link);
  const isReceiver = link.is_receiver();
  const sorted = [...answers].sort((a, b) => a.delivery.id - b.delivery.id);
  for (let at = 0; at < sorted.length;) {
    const first = sorted[at];
    if (first === undefined) break;
    let last = first;
    for (at += 1; at < sorted.length; at += 1) {
      const next = sorted[at];
      if (next?.delivery.id !== last.delivery.id + 1) break;
      if (first.outcome !== ACCEPTED || next.outcome !== ACCEPTED) break;
      last = next;
    }
    session.output(disposition(isReceiver, first.delivery.id, last.delivery.id, first.outcome));
  }
  for (const { delivery } of sorted) freeSlot(delivery);
  connection._register();
}

/** Lets rhea forget a delivery. */
export function freeSlot(delivery: Delivery): void {
  Object.assign(insidesOf(delivery), { settled: true, remote_settled: true });
}

const disposition = (isReceiver: boolean, first: number, last: number, outcome: Typed): Typed =>
  described(
    DISPOSITION,
    types.wrap_list([isReceiver, types.wrap_uint(first), types.wrap_uint(last), true, outcome]),
  );
