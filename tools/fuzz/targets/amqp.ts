// Target: the broker's port. Conversations of the real SDK with frames damaged, left out, doubled or cut, or with
// further frames that no SDK sends; garbage, wrong sizes. The broker may answer, detach, close or hang up; it must be
// done with each in time, and other connections must not notice. Everything happens on entities that no function
// reads.
import { connect } from 'node:net';
import { ServiceBusClient, type ServiceBusReceiver } from '@azure/service-bus';
import fc from 'fast-check';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { amqpFrames } from '../input/amqp-frames';
import { byteEdit, byteEdits, edited, type ByteEdit } from '../input/byte-edits';
import { createTarget, type Target, type FailureReason } from '../run/target';
import { shownBytes } from '../wire/http-input';
import { record, replay, type Conversation } from '../wire/recorded-conversation';

const QUEUE = 'order-failures';
const CONVERSATIONS = 3;
/** The frames with which a conversation begins: header, SASL, header, open. */
const OPENED = 4;
const HANGS_UP_WITHIN_MS = 20_000;
const LINGER_MS = 50;
/** A bystander's look at the queue after so many inputs. */
const BYSTANDER_EVERY = 20;

interface FrameChange {
  /** A share of the frames in 65,536ths. */
  readonly at: number;
  readonly kind: 'damage' | 'resize' | 'drop' | 'double' | 'swap';
  readonly edits: readonly ByteEdit[];
}

interface AmqpInput {
  readonly conversation: number;
  readonly changes: readonly FrameChange[];
  /** Bytes in the place of a conversation. */
  readonly garbage: readonly number[] | undefined;
  /** Frames in the place of what comes behind the beginning of the conversation. */
  readonly frames: readonly Buffer[];
  /** `linger`: what was begun is left open for a while. */
  readonly end: 'finish' | 'reset' | 'linger';
}

const change: fc.Arbitrary<FrameChange> = fc.record({
  at: fc.nat(0xffff),
  kind: fc.constantFrom('damage', 'damage', 'resize', 'drop', 'double', 'swap'),
  edits: fc.array(byteEdit, { minLength: 1, maxLength: 3 }),
});

const inputs: fc.Arbitrary<AmqpInput> = fc.record({
  conversation: fc.nat(CONVERSATIONS - 1),
  changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  garbage: fc.oneof(
    { weight: 12, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.array(fc.nat(255), { maxLength: 200 }) },
    {
      weight: 1,
      arbitrary: byteEdits(false).map((edits) => [
        ...edited(Buffer.from('AMQP\x03\x01\x00\x00AMQP\x00\x01\x00\x00', 'latin1'), edits),
      ]),
    },
  ),
  end: fc.constantFrom('finish', 'finish', 'finish', 'reset', 'linger'),
  frames: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(amqpFrames, { minLength: 1, maxLength: 4 }) },
  ),
});

export interface OpenAmqpTarget {
  readonly target: Target;
  close(): Promise<void>;
}

/** Records the conversations, then opens the target with a bystander on a connection of its own. */
export async function openAmqpTarget(servicebus: string): Promise<OpenAmqpTarget> {
  const port = Number(new URL(servicebus.replace('sb:', 'http:')).port);
  const conversations = [
    await record(port, sending),
    await record(port, receiving),
    await record(port, managing),
  ];
  const client = new ServiceBusClient(emulatorBusConnection(servicebus));
  const bystander = client.createReceiver(QUEUE);
  let sent = 0;
  const target = createTarget<AmqpInput>({
    name: 'amqp',
    share: 15,
    inputs,
    show: (input) => shownBytes(Buffer.concat(framesOf(input, conversations))),
    async send(input) {
      sent += 1;
      const reason = await deliver(port, framesOf(input, conversations), input);
      return reason ?? (sent % BYSTANDER_EVERY === 0 ? await askBystander(bystander) : undefined);
    },
  });
  return { target, close: () => client.close() };
}

const throughDoor = async (
  port: number,
  talk: (client: ServiceBusClient) => Promise<void>,
): Promise<void> => {
  const client = new ServiceBusClient(emulatorBusConnection(`sb://127.0.0.1:${port}`));
  await talk(client).finally(() => client.close());
};

const fuzzed = (
  n: number,
): { messageId: string; body: object; applicationProperties: Record<string, number> } => ({
  messageId: `fuzz-${n}`,
  body: { fuzz: n },
  applicationProperties: { n },
});

const sending = (port: number): Promise<void> =>
  throughDoor(port, async (client) => {
    const sender = client.createSender(QUEUE);
    await sender.sendMessages(fuzzed(1));
    await sender.sendMessages([fuzzed(2), fuzzed(3), fuzzed(4)]);
  });

const receiving = (port: number): Promise<void> =>
  throughDoor(port, async (client) => {
    const receiver = client.createReceiver(QUEUE);
    const messages = await receiver.receiveMessages(3, { maxWaitTimeInMs: 5_000 });
    for (const message of messages) await receiver.abandonMessage(message);
  });

const managing = (port: number): Promise<void> =>
  throughDoor(port, async (client) => {
    await client.createReceiver(QUEUE).peekMessages(2);
    const sender = client.createSender(QUEUE);
    const numbers = await sender.scheduleMessages([fuzzed(5)], new Date(Date.now() + 3_600_000));
    await sender.cancelScheduledMessages(numbers);
  });

function framesOf(
  { conversation, changes, garbage, frames }: AmqpInput,
  conversations: readonly Conversation[],
): Conversation {
  if (garbage !== undefined) return [Buffer.from(garbage)];
  if (frames.length > 0) {
    const [{ at } = { at: 0 }] = changes;
    const said = conversations[conversation] ?? [];
    // Behind SASL and `open`, wherever in the conversation.
    const behind =
      Math.min(said.length, OPENED) + Math.floor((at / 0x10000) * Math.max(0, said.length - OPENED));
    return [...said.slice(0, behind), ...frames];
  }
  return changes.reduce<Conversation>(changed, conversations[conversation] ?? []);
}

function changed(frames: Conversation, { at, kind, edits }: FrameChange): Conversation {
  const index = Math.floor((at / 0x10000) * frames.length);
  const frame = frames[index];
  if (frame === undefined) return frames;
  switch (kind) {
    case 'damage':
      return frames.with(index, edited(frame, edits));
    case 'resize':
      return frames.with(index, sized(edited(frame, edits)));
    case 'drop':
      return frames.toSpliced(index, 1);
    case 'double':
      return frames.toSpliced(index, 0, frame);
    case 'swap':
      return frames.toSpliced(index, 1).toSpliced(0, 0, frame);
  }
}

/** The frame with a size that is true again, so that the damage lies inside of it. */
function sized(frame: Buffer): Buffer {
  const copy = Buffer.from(frame);
  if (copy.length >= 4) copy.writeUInt32BE(copy.length);
  return copy;
}

/** Says it all and hangs up; the reason is whether the broker has done so too in its time. */
function deliver(port: number, frames: Conversation, { end }: AmqpInput): Promise<FailureReason> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const finish = (reason: FailureReason): void => {
      clearTimeout(patience);
      socket.destroy();
      resolve(reason);
    };
    const patience = setTimeout(() => finish('The broker did not hang up.'), HANGS_UP_WITHIN_MS);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      finish(error.code === 'ECONNREFUSED' ? 'The broker is not there.' : undefined);
    });
    socket.once('close', () => finish(undefined));
    socket.resume();
    socket.once('connect', () => {
      void replay(socket, frames).then(() => {
        if (end === 'reset') socket.resetAndDestroy();
        else setTimeout(() => socket.end(), end === 'linger' ? LINGER_MS : 0);
      });
    });
  });
}

async function askBystander(receiver: ServiceBusReceiver): Promise<FailureReason> {
  try {
    await receiver.peekMessages(1);
    return undefined;
  } catch (error) {
    return `A connection that did nothing wrong was disturbed: ${String(error)}`;
  }
}
