// Handler of one client's connection: connects each link it attaches to the entity, `$cbs` or `$management`.
import type { Socket } from 'node:net';
import type { Connection, Container, EventContext, Receiver, Sender } from 'rhea';
import type { HostLog } from '../kit/host-log';
import { types, type Typed } from './amqp-types';
import type { Broker } from './broker';
import type { Source } from './directory';
import { notAllowed, notSimulated, refusalOf } from './errors';
import { serveIncoming } from './incoming-link';
import type { Lane } from './lane';
import { DELIVERED_BYTES_AT_MOST, REQUEST_BYTES_AT_MOST } from './limits';
import { OutgoingLink } from './outgoing-link';
import { otherProtocol, type OtherProtocol } from './other-protocols';
import { Outlet } from './outlet';
import { PromptAcknowledgement } from './prompt-acknowledgement';
import { isForRequests, RequestLinks } from './request-links';
import {
  assertOpen,
  boundSession,
  echoAttach,
  holdAttach,
  passOnBytes,
  releaseAttach,
  sendEmptyFrame,
  serveSocket,
  watchSilentFrames,
} from './rhea-seam';
import type { Hold, Sessions } from './sessions';

const SESSION_FILTER = 'com.microsoft:session-filter';
const SESSION_TIMEOUT = 'com.microsoft:timeout';
/** A client gives up after 60 s; it must hear of it before. */
const SESSION_WAIT_AT_MOST_MS = 55_000;
/** Ticks are tenths of microseconds since the year 1. */
const UNIX_EPOCH_MS_IN_NET = 62_135_596_800_000;
const TICKS_PER_MS = 10_000n;

interface OpenLink {
  readonly session: unknown;
  leave(): void;
  refill(): void;
}

export class ClientConnection {
  private readonly connection: Connection;
  private readonly links = new Map<Sender, OpenLink>();
  private readonly requests: RequestLinks;
  private readonly outlet: Outlet;
  /** What the client speaks, when its first bytes are not AMQP. */
  private other: OtherProtocol | undefined;
  private isCutOff = false;

  constructor(
    container: Container,
    private readonly socket: Socket,
    private readonly broker: Broker,
    private readonly log: HostLog,
    /** The largest message size, as announced to a client that sends. */
    private readonly announcedBytes: number,
  ) {
    this.outlet = new Outlet(socket, () => {
      this.requests.refill();
      for (const link of this.links.values()) link.refill();
    });
    this.requests = new RequestLinks(broker, this.outlet, log);
    socket.once('data', (bytes: Buffer) => (this.other = otherProtocol(bytes)));
    this.connection = serveSocket(container, socket);
    this.listen();
  }

  /** Tells the client to go elsewhere, or to come again, and ends the connection. */
  close(): void {
    this.connection.close({
      condition: 'amqp:connection:forced',
      description: 'The local Service Bus look-alike is stopping.',
    });
    process.nextTick(() => this.socket.destroySoon());
  }

  private listen(): void {
    const { connection } = this;
    const acknowledgement = new PromptAcknowledgement(this.socket, () => sendEmptyFrame(connection));
    connection.on('connection_open', () => assertOpen(connection));
    connection.on('session_open', ({ session }: EventContext) => {
      boundSession(session);
      passOnBytes(session);
      watchSilentFrames(session, () => acknowledgement.note());
    });
    connection.on('sender_open', ({ sender }: EventContext) => {
      if (sender !== undefined) this.guard(sender, () => this.attachReceiver(sender));
    });
    connection.on('receiver_open', ({ receiver }: EventContext) => {
      if (receiver !== undefined) this.guard(receiver, () => this.attachSender(receiver));
    });
    connection.on('sender_close', ({ sender }: EventContext) => {
      if (sender !== undefined) this.leave(sender);
    });
    connection.on('session_close', ({ session }: EventContext) => {
      for (const [sender, link] of this.links) if (link.session === session) this.leave(sender);
      this.requests.sessionClosed(session);
    });
    this.socket.once('close', () => {
      for (const sender of this.links.keys()) this.leave(sender);
    });
    for (const event of [
      'session_error',
      'sender_error',
      'connection_error',
      'connection_close',
      'disconnected',
    ])
      connection.on(event, () => undefined);
    for (const event of ['receiver_close', 'receiver_error', 'settled'])
      connection.on(event, () => undefined);
    for (const event of ['error', 'protocol_error'])
      connection.on(event, (error: unknown) => this.cutOff(error));
  }

  /** What is read before the socket has ended breaks the protocol again. */
  private cutOff(error: unknown): void {
    if (this.isCutOff) return;
    this.isCutOff = true;
    const { other } = this;
    const why = other?.why ?? `It broke the protocol (${String(error)}).`;
    this.log.warn(`Service Bus look-alike: a client was disconnected. ${why}`);
    if (other?.answer === undefined) {
      this.socket.destroy();
      return;
    }
    this.socket.write(other.answer);
    this.socket.destroySoon();
  }

  private leave(sender: Sender): void {
    const link = this.links.get(sender);
    this.links.delete(sender);
    link?.leave();
  }

  /** Refuses the link with the error that `attach` throws. */
  private guard(link: Sender | Receiver, attach: () => void): void {
    try {
      attach();
    } catch (error) {
      const { condition, message } = refusalOf(error, this.log);
      link.close({ condition, description: message });
    }
  }

  /** The client sends. */
  private attachSender(receiver: Receiver): void {
    // rhea knows no coordinator: its target arrives as a null value, which has no address at all.
    if (!('address' in receiver.target))
      throw notSimulated('transactions', 'Send and settle without one, and make the consumer idempotent.');
    const address = pathOf(receiver.target);
    const destination = isForRequests(address) ? undefined : this.broker.target(address);
    receiver.set_source(receiver.source);
    receiver.set_target(receiver.target);
    const maxMessageBytes = destination === undefined ? REQUEST_BYTES_AT_MOST : this.announcedBytes;
    echoAttach(receiver, { maxMessageBytes });
    if (destination === undefined) this.requests.serve(receiver, address);
    else serveIncoming(receiver, this.broker, destination, this.log);
  }

  /** The client receives. */
  private attachReceiver(sender: Sender): void {
    const address = pathOf(sender.source);
    if (isForRequests(address)) {
      this.accept(sender, undefined);
      this.requests.addReplyLink(sender, sender.target.address);
      return;
    }
    const source = this.broker.source(address);
    const filter = (sender.source.filter ?? {}) as Readonly<Record<string, unknown>>;
    const wantsSession = SESSION_FILTER in filter;
    if (source.sessions === undefined) {
      if (wantsSession)
        throw notAllowed(
          'A sessionful message receiver cannot be created on an entity that does not require sessions.',
        );
      this.accept(sender, undefined);
      this.openLink(sender, source, source.mailbox.lane());
    } else {
      if (!wantsSession)
        throw notAllowed(
          'It is not possible for an entity that requires sessions to create a non-sessionful message receiver.',
        );
      this.attachSession(sender, source, source.sessions, filter[SESSION_FILTER]);
    }
  }

  private attachSession(sender: Sender, source: Source, sessions: Sessions, wanted: unknown): void {
    const { link, join } = this.openLink(sender, source, undefined, sessions);
    const accept = (hold: Hold): void => {
      this.accept(sender, hold);
      join(hold);
      releaseAttach(sender);
    };
    holdAttach(sender);
    const refuse = (error: unknown): void => {
      const { condition, message } = refusalOf(error, this.log);
      sender.close({ condition, description: message });
      this.leave(sender);
    };
    if (typeof wanted === 'string') {
      try {
        accept(sessions.accept(wanted, link));
      } catch (error) {
        refuse(error);
      }
      return;
    }
    const asked = (sender.properties as Readonly<Record<string, unknown>> | undefined)?.[SESSION_TIMEOUT];
    const withinMs = Math.min(typeof asked === 'number' ? asked : Infinity, SESSION_WAIT_AT_MOST_MS);
    sessions.acceptNext(link, withinMs, accept, refuse);
  }

  private openLink(
    sender: Sender,
    { mailbox }: Source,
    wholeLane: Lane | undefined,
    sessions?: Sessions,
  ): { link: OutgoingLink; join: (hold: Hold) => void } {
    let lane = wholeLane;
    let held: Hold | undefined;
    const refill = (): void => {
      if (lane !== undefined) mailbox.pump(lane);
    };
    const link = new OutgoingLink({
      sender,
      mailbox,
      outlet: this.outlet,
      log: this.log,
      sessionUntilMs: () => held?.untilMs,
      refill,
    });
    lane?.enter(link);
    const leave = (): void => {
      link.leave();
      lane?.leave(link);
      sessions?.leave(link);
      releaseAttach(sender);
    };
    this.links.set(sender, { session: sender.session, refill, leave });
    const join = (hold: Hold): void => {
      held = hold;
      lane = hold.lane;
    };
    return { link, join };
  }

  /** Answers an attach of a receiver with what it asked for; with a session, which one it is and until when. */
  private accept(sender: Sender, hold: Hold | undefined): void {
    const { source, target } = sender;
    sender.set_source(
      hold === undefined ? source : { ...plain(source), filter: { [SESSION_FILTER]: hold.id } },
    );
    sender.set_target(target);
    echoAttach(sender, {
      maxMessageBytes: DELIVERED_BYTES_AT_MOST,
      ...(hold !== undefined && { properties: { 'com.microsoft:locked-until-utc': ticks(hold.untilMs) } }),
    });
  }
}

/** The path that a terminus names; the .NET client takes it from a URL, so it begins with a slash there. */
const pathOf = (terminus: { readonly address?: string | null }): string =>
  (terminus.address ?? '').replace(/^\//, '');

/** The fields of a terminus that are given; rhea keeps them behind accessors. */
const plain = ({ address }: Sender['source']): { address: string } => ({ address });

/** More than a double holds exactly. */
function ticks(ms: number): Typed {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(ms + UNIX_EPOCH_MS_IN_NET) * TICKS_PER_MS);
  return types.wrap_long(bytes);
}
