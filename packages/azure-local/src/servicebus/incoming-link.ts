// Link on which a client sends: takes messages and batches, and settles each after the commit that holds it.
import type { Delivery, EventContext, Receiver } from 'rhea';
import type { Typed } from './amqp-types';
import type { Broker } from './broker';
import type { Target } from './directory';
import { notSimulated, refusalOf } from './errors';
import { checkSize, parseBatch, parseSent, type IncomingMessage } from './incoming-message';
import {
  ACCEPTED,
  BATCH_FORMAT,
  creditOf,
  PLAIN_FORMAT,
  rejected,
  writeAnswers,
  type Answer,
} from './rhea-seam';
import type { HostLog } from '../kit/host-log';

/** Clients wait a whole second when they find no credit, so there is always plenty. */
const CREDIT = 5000;
const REFILL_BELOW = 2500;

/** Takes everything that comes on `receiver` into `target`. */
export function serveIncoming(receiver: Receiver, broker: Broker, target: Target, log: HostLog): void {
  let answers: Answer[] = [];
  const flush = (): void => {
    const batch = answers;
    answers = [];
    if (!receiver.is_open()) return;
    writeAnswers(receiver, batch);
    if (creditOf(receiver) < REFILL_BELOW) receiver.add_credit(CREDIT - creditOf(receiver));
  };
  const answer = (delivery: Delivery, outcome: Typed): void => {
    if (answers.push({ delivery, outcome }) === 1) process.nextTick(flush);
  };
  receiver.on('message', ({ message, delivery, format }: EventContext & { format?: number }) => {
    if (delivery === undefined) return;
    receive(message as unknown as Buffer, format).then(
      () => answer(delivery, ACCEPTED),
      (error: unknown) => answer(delivery, rejected(refusalOf(error, log))),
    );
  });
  receiver.add_credit(CREDIT);

  async function receive(bytes: Buffer, format: number | undefined): Promise<void> {
    await broker.send(target, parse(bytes, format));
  }
}

function parse(bytes: Buffer, format: number | undefined): IncomingMessage[] {
  checkSize(bytes);
  if (format === PLAIN_FORMAT) return [parseSent(bytes)];
  if (format === BATCH_FORMAT) return parseBatch(bytes);
  throw notSimulated(
    `message format ${format ?? 'none'}`,
    'Send AMQP messages (format 0) or batches of them.',
  );
}
