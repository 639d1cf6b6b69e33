// Request and reply: `$cbs`, which takes every token, and `$management`. A reply goes out on the link that the request
// names: by the link's name for `$cbs`, by its target's address for `$management`.
import { message as codec, type Delivery, type EventContext, type Receiver, type Sender } from 'rhea';
import type { HostLog } from '../durable/contract';
import { types } from './amqp-types';
import type { Broker } from './broker';
import { refusalOf } from './errors';
import { manage } from './management';
import { ACCEPTED, creditOf, freeSlot, writeAnswers } from './rhea-seam';

const CBS = '$cbs';
const MANAGEMENT = /^(.+)\/\$management$/i;
const CREDIT = 1000;

/** Whether an address is one for requests. */
export const isForRequests = (address: string): boolean => address === CBS || MANAGEMENT.test(address);

interface Reply {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

export class RequestLinks {
  private readonly replies = new Map<string, Sender>();

  constructor(
    private readonly broker: Broker,
    private readonly log: HostLog,
  ) {}

  /** A link for replies. */
  addReplyLink(sender: Sender, replyTo: string | undefined): void {
    const names = [sender.name, replyTo].filter((name) => name !== undefined);
    for (const name of names) this.replies.set(name, sender);
    sender.on('sender_close', () => {
      for (const name of names) if (this.replies.get(name) === sender) this.replies.delete(name);
    });
    for (const outcome of ['accepted', 'rejected', 'released', 'modified', 'settled'])
      sender.on(outcome, ({ delivery }: EventContext) => {
        if (delivery !== undefined) freeSlot(delivery);
      });
  }

  /** A link for requests to `address`. */
  serve(receiver: Receiver, address: string): void {
    receiver.on('message', ({ message, delivery }: EventContext) => {
      if (delivery === undefined) return;
      void this.answer(receiver, address, message as unknown as Buffer, delivery).catch((error: unknown) =>
        this.log.error(`Service Bus look-alike: a request to ${address} was not answered.`, error),
      );
    });
    receiver.add_credit(CREDIT);
  }

  private async answer(
    receiver: Receiver,
    address: string,
    bytes: Buffer,
    delivery: Delivery,
  ): Promise<void> {
    const request = codec.decode(bytes);
    const { properties, body } = await this.perform(address, request);
    if (receiver.is_open()) {
      writeAnswers(receiver, [{ delivery, outcome: ACCEPTED }]);
      receiver.add_credit(CREDIT - creditOf(receiver));
    }
    const replyTo = request['reply_to'] as string | undefined;
    const link = replyTo === undefined ? undefined : this.replies.get(replyTo);
    if (link?.is_open() !== true) {
      this.log.warn(
        `Service Bus look-alike: nobody waits at '${replyTo ?? ''}' for an answer of ${address}.`,
      );
      return;
    }
    link.send({
      correlation_id: request['message_id'] as unknown,
      application_properties: properties,
      body,
    } as never);
  }

  private async perform(address: string, request: Readonly<Record<string, unknown>>): Promise<Reply> {
    if (address === CBS) return { properties: cbsStatus };
    const path = MANAGEMENT.exec(address)?.[1] ?? address;
    const given = (request['application_properties'] ?? {}) as Readonly<Record<string, unknown>>;
    try {
      const { status, body } = await manage(this.broker, path, String(given['operation']), request['body']);
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
