// Operations of `<entity>/$management`: requests with a reply, which the SDK makes beside its links (peek, renew,
// schedule, session state).
import { z } from 'zod';
import { uuidBytes, uuidText } from '../kit/uuid';
import { decodeValue, mapEntries, types, TYPECODE, type Typed } from './amqp-types';
import type { Broker } from './broker';
import type { Source } from './directory';
import { badArgument, notAllowed, notSimulated } from './errors';
import { parseSent } from './incoming-message';
import type { Received } from './mailbox';
import { encodeOutgoing, type PropertyChanges } from './outgoing-message';
import { SECTION, sectionsOf } from './sections';
import { because, type Settlement } from './settlement';

/** What an operation answers with. */
export interface ManagementReply {
  readonly status: 200 | 204;
  readonly body?: Readonly<Record<string, unknown>>;
}

type Operation = (
  broker: Broker,
  path: string,
  body: unknown,
  encoded: Buffer,
) => ManagementReply | Promise<ManagementReply>;

/** The bytes of messages in one answer; at least one message is in it. */
const PEEKED_BYTES_AT_MOST = 1024 * 1024;
const DONE: ManagementReply = { status: 200, body: {} };

const sequences = z.array(z.number().int().nonnegative());
const tokens = z.array(z.instanceof(Buffer).transform(uuidText));
const sessionId = z.string().nullish();

const BODY = {
  renewLock: z.object({ 'lock-tokens': tokens }),
  schedule: z.object({ messages: z.array(z.object({ message: z.instanceof(Buffer) })) }),
  cancel: z.object({ 'sequence-numbers': sequences }),
  peek: z.object({
    'from-sequence-number': z.number(),
    'message-count': z.number().int().positive(),
    'session-id': sessionId,
  }),
  receive: z.object({
    'sequence-numbers': sequences,
    'receiver-settle-mode': z.number(),
    'session-id': sessionId,
  }),
  settle: z.object({
    'lock-tokens': tokens,
    'disposition-status': z.enum(['completed', 'abandoned', 'defered', 'suspended']),
    'deadletter-reason': z.string().nullish(),
    'deadletter-description': z.string().nullish(),
  }),
  session: z.object({ 'session-id': z.string() }),
  setState: z.object({ 'session-id': z.string(), 'session-state': z.instanceof(Buffer).nullish() }),
};

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'com.microsoft:renew-lock': renewLock,
  'com.microsoft:schedule-message': schedule,
  'com.microsoft:cancel-scheduled-message': cancel,
  'com.microsoft:peek-message': peek,
  'com.microsoft:receive-by-sequence-number': receiveDeferred,
  'com.microsoft:update-disposition': settle,
  'com.microsoft:renew-session-lock': renewSession,
  'com.microsoft:get-session-state': getState,
  'com.microsoft:set-session-state': setState,
};

const INSTEAD: Readonly<Record<string, string>> = {
  'com.microsoft:add-rule': 'Rules are written in the Config.json that it was started with.',
  'com.microsoft:remove-rule': 'Rules are written in the Config.json that it was started with.',
  'com.microsoft:enumerate-rules': 'Rules are written in the Config.json that it was started with.',
  'com.microsoft:batch-delete-messages': 'Receive the messages in mode receiveAndDelete.',
};

const MAY_REPLY_AT_LENGTH = new Set([
  'com.microsoft:peek-message',
  'com.microsoft:receive-by-sequence-number',
  'com.microsoft:get-session-state',
]);

/** About how many bytes the answer to an operation may come to; 0 for a small one. */
export const replyBytesOf = (name: unknown): number =>
  MAY_REPLY_AT_LENGTH.has(String(name)) ? PEEKED_BYTES_AT_MOST : 0;

/** Carries out the operation `name` on the entity at `path`; what is not simulated is refused by its name. */
export async function manage(
  broker: Broker,
  path: string,
  name: string,
  body: unknown,
  /** The whole request: `body` has lost the AMQP types of what is in it. */
  encoded: Buffer,
): Promise<ManagementReply> {
  const operation = OPERATIONS[name];
  if (operation === undefined)
    throw notSimulated(
      `the operation '${name}'`,
      INSTEAD[name] ?? `It has ${Object.keys(OPERATIONS).join(', ')}.`,
    );
  return operation(broker, path, body, encoded);
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw badArgument(`The request's body is wrong: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function renewLock(broker: Broker, path: string, body: unknown): ManagementReply {
  const { mailbox } = broker.source(path);
  const untilMs = parse(BODY.renewLock, body)['lock-tokens'].map((token) => mailbox.renew(token));
  return ok({ expirations: types.wrap_array(untilMs, TYPECODE.timestamp, undefined) });
}

async function schedule(broker: Broker, path: string, body: unknown): Promise<ManagementReply> {
  const messages = parse(BODY.schedule, body).messages.map(({ message }) => parseSent(message));
  const given = await broker.send(broker.target(path), messages);
  return ok({ 'sequence-numbers': types.wrap_array(given, TYPECODE.long, undefined) });
}

async function cancel(broker: Broker, path: string, body: unknown): Promise<ManagementReply> {
  await broker.cancel(broker.target(path), parse(BODY.cancel, body)['sequence-numbers']);
  return DONE;
}

function peek(broker: Broker, path: string, body: unknown): ManagementReply {
  const request = parse(BODY.peek, body);
  const from = Math.max(0, request['from-sequence-number']);
  const messages: { message: Typed }[] = [];
  let bytes = 0;
  const session = request['session-id'] ?? undefined;
  for (const message of broker.peek(broker.source(path), session, from)) {
    const encoded = encodeOutgoing(message, message.deliveries, undefined);
    bytes += encoded.length;
    if (messages.length > 0 && bytes > PEEKED_BYTES_AT_MOST) break;
    messages.push({ message: types.wrap(encoded) });
    if (messages.length === request['message-count']) break;
  }
  return messages.length === 0 ? { status: 204 } : ok({ messages });
}

async function receiveDeferred(broker: Broker, path: string, body: unknown): Promise<ManagementReply> {
  const source = broker.source(path);
  const request = parse(BODY.receive, body);
  const id = request['session-id'] ?? undefined;
  const hold = id === undefined ? undefined : sessionsOf(source, path).held(id);
  const remove = request['receiver-settle-mode'] === 0;
  const received = await source.mailbox.receiveDeferred(request['sequence-numbers'], remove, hold);
  return ok({ messages: received.map((one) => handedOver(one, hold?.untilMs)) });
}

function handedOver({ message, lock }: Received, sessionUntilMs: number | undefined): Record<string, Typed> {
  const heldLock = lock && { token: lock.token, untilMs: sessionUntilMs ?? lock.untilMs };
  const encoded = encodeOutgoing(message, message.deliveries, heldLock);
  return {
    message: types.wrap(encoded),
    ...(lock !== undefined && { 'lock-token': types.wrap_uuid(uuidBytes(lock.token)) }),
  };
}

async function settle(
  broker: Broker,
  path: string,
  body: unknown,
  encoded: Buffer,
): Promise<ManagementReply> {
  const { mailbox } = broker.source(path);
  const request = parse(BODY.settle, body);
  const settlement = settlementOf(request, propertyChanges(encoded));
  await Promise.all(request['lock-tokens'].map((token) => mailbox.settle(token, settlement)));
  return DONE;
}

/** The properties to modify as the client typed them. */
function propertyChanges(encoded: Buffer): PropertyChanges {
  const body = sectionsOf(encoded).find(({ code }) => code === SECTION.value);
  const fields = body && mapEntries(decodeValue(encoded.subarray(body.start, body.end)));
  return mapEntries(fields?.find(([name]) => name === 'properties-to-modify')?.[1]);
}

function settlementOf(request: z.infer<typeof BODY.settle>, changes: PropertyChanges): Settlement {
  switch (request['disposition-status']) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon', changes };
    case 'defered':
      return { kind: 'defer', changes };
    case 'suspended': {
      const why = because(request['deadletter-reason'] ?? '', request['deadletter-description'] ?? '');
      return { kind: 'deadLetter', changes: [...changes, ...why] };
    }
  }
}

function renewSession(broker: Broker, path: string, body: unknown): ManagementReply {
  const id = parse(BODY.session, body)['session-id'];
  return ok({ expiration: types.wrap_timestamp(sessionsOf(broker.source(path), path).renew(id)) });
}

async function getState(broker: Broker, path: string, body: unknown): Promise<ManagementReply> {
  const source = broker.source(path);
  const { id } = sessionsOf(source, path).held(parse(BODY.session, body)['session-id']);
  return ok({ 'session-state': await broker.sessionStates.get(source.mailbox.entity, id) });
}

async function setState(broker: Broker, path: string, body: unknown): Promise<ManagementReply> {
  const source = broker.source(path);
  const request = parse(BODY.setState, body);
  const { id } = sessionsOf(source, path).held(request['session-id']);
  await broker.sessionStates.set(source.mailbox.entity, id, request['session-state'] ?? null);
  return DONE;
}

function sessionsOf({ sessions }: Source, path: string): NonNullable<Source['sessions']> {
  if (sessions === undefined) throw notAllowed(`'${path}' has no sessions: set RequiresSession to true.`);
  return sessions;
}

const ok = (body: Readonly<Record<string, unknown>>): ManagementReply => ({ status: 200, body });
