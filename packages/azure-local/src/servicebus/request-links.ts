// Request and reply links: `$cbs`, which accepts every token, and `$management`. A reply goes out on the link that the
// request names: by the link's name for `$cbs`, by its target's address for `$management`.
//
// request-links.R1  Every request is settled, after its reply. One that is none, or has nowhere to be replied to, is
//   rejected and not carried out.
import { message as codec, type EventContext, type Receiver, type Sender } from 'rhea';
import { encodableId, type AmqpId } from '../kit/amqp-ids';
import type { HostLog } from '../kit/host-log';
import { assertBounded } from './amqp-counts';
import { types, type Typed } from './amqp-types';
import type { Broker } from './broker';
import { badArgument, refusalOf, undecodable } from './errors';
import { manage, replyBytesOf } from './management';
import type { Outlet } from './outlet';
import { ReplyLink } from './reply-link';
import { ACCEPTED, creditOf, rejected, writeAnswers } from './rhea-seam';

const CBS = '$cbs';
const MANAGEMENT = /^(.+)\/\$management$/i;
const CREDIT = 1000;

/** Whether an address is one for requests. */
export const isForRequests = (address: string): boolean => address === CBS || MANAGEMENT.test(address);

type Request = Readonly<Record<string, unknown>>;

interface Reply {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

export class RequestLinks {
  private readonly links = new Set<ReplyLink>();
  /** By what requests name; of two links with one name the later has it. */
  private readonly replies = new Map<string, ReplyLink>();

  constructor(
    private readonly broker: Broker,
    private readonly outlet: Outlet,
    private readonly log: HostLog,
  ) {}

  /** A link for replies. */
  addReplyLink(sender: Sender, replyTo: string | undefined): void {
    const link = new ReplyLink(sender, this.outlet);
    this.links.add(link);
    for (const name of [sender.name, replyTo]) if (name !== undefined) this.replies.set(name, link);
    sender.on('sender_close', () => this.forget(link));
  }

  /** There may be room for replies. */
  refill(): void {
    for (const link of this.links) link.refill();
  }

  /** Its links are gone with it. */
  sessionClosed(session: unknown): void {
    for (const link of this.links) if (link.isOf(session)) this.forget(link);
  }

  /** A link for requests to `address` (request-links.R1). */
  serve(receiver: Receiver, address: string): void {
    receiver.on('message', ({ message, delivery }: EventContext) => {
      if (delivery === undefined) return;
      const settle = (outcome: Typed): void => {
        if (!receiver.is_open()) return;
        writeAnswers(receiver, [{ delivery, outcome }]);
        receiver.add_credit(CREDIT - creditOf(receiver));
      };
      this.answer(address, message as unknown as Buffer).then(
        () => settle(ACCEPTED),
        (error: unknown) => settle(rejected(refusalOf(error, this.log))),
      );
    });
    receiver.add_credit(CREDIT);
  }

  /** Carries a request out once its reply can be sent, and sends it. @throws BrokerError when none can, or nowhere. */
  private async answer(address: string, bytes: Buffer): Promise<void> {
    const request = decode(bytes, address);
    const replyTo = request['reply_to'];
    const link = typeof replyTo === 'string' ? this.replies.get(replyTo) : undefined;
    if (link === undefined) {
      const named =
        typeof replyTo === 'string' ? `'${replyTo}', to which no receiver is attached` : 'nothing';
      throw badArgument(
        `The request to ${address} was not carried out: its reply-to names ${named}. ` +
          'Attach a receiver on this connection first, and name it there.',
      );
    }
    const make = async (): Promise<Buffer> => {
      const { properties, body } = await this.perform(address, request, bytes);
      const reply = {
        correlation_id: encodableId(request['message_id'] as AmqpId),
        application_properties: properties,
        body,
      };
      return codec.encode(reply);
    };
    const replyBytes = address === CBS ? 0 : replyBytesOf(applicationProperties(request)['operation']);
    if (!(await link.reply({ requestBytes: bytes.length, replyBytes }, make)))
      this.log.warn(
        `Service Bus look-alike: a client closed its reply link before its request to ${address} was answered.`,
      );
  }

  private forget(link: ReplyLink): void {
    this.links.delete(link);
    for (const [name, named] of this.replies) if (named === link) this.replies.delete(name);
    link.leave();
  }

  private async perform(address: string, request: Request, bytes: Buffer): Promise<Reply> {
    if (address === CBS) return { properties: cbsStatus };
    const path = MANAGEMENT.exec(address)?.[1] ?? address;
    try {
      const operation = applicationProperties(request)['operation'];
      if (typeof operation !== 'string')
        throw badArgument(
          "The request names no operation: put it into the application property 'operation'.",
        );
      const { status, body } = await manage(this.broker, path, operation, request['body'], bytes);
      return { properties: { statusCode: types.wrap_int(status) }, body };
    } catch (error) {
      const { status, condition, message } = refusalOf(error, this.log);
      return {
        properties: {
          statusCode: types.wrap_int(status),
          statusDescription: message,
          errorCondition: types.wrap_symbol(condition),
        },
      };
    }
  }
}

const cbsStatus = { 'status-code': types.wrap_int(202), 'status-description': 'Accepted' };

const applicationProperties = (request: Request): Request =>
  (request['application_properties'] ?? {}) as Request;

function decode(bytes: Buffer, address: string): Request {
  try {
    assertBounded(bytes);
    return codec.decode(bytes);
  } catch (error) {
    throw undecodable(`The request to ${address} is no AMQP message: ${String(error)}`);
  }
}
