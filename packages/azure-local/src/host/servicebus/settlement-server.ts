// Server of the gRPC service by which `@azure/functions-extensions-servicebus` settles messages that the host holds.
// It knows tokens and session ids, not functions; errors have the codes and words of the platform.
import * as grpc from '@grpc/grpc-js';
import rhea from 'rhea';
import { decodeRequest, encodeBytes, encodeTime, type SettlementRequest } from './settlement-codec';
import type { HeldMessage, HeldMessages, HeldSession, Properties } from './held-messages';

export interface SettlementServer {
  readonly port: number;
  close(): void;
}

/** What the platform gives its workers for `--functions-grpc-max-message-length`. */
const MAX_MESSAGE_LENGTH = 2_147_483_647;

const HOST = '127.0.0.1';
const EMPTY = Buffer.alloc(0);
/** rhea has it in its code, though not in its types. */
const { Reader: AmqpReader } = rhea.types as unknown as {
  readonly Reader: new (bytes: Buffer) => { read(): unknown };
};

/** Serves `Settlement` on a free port of loopback. */
export async function startSettlementServer(held: HeldMessages): Promise<SettlementServer> {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_LENGTH,
    'grpc.max_send_message_length': MAX_MESSAGE_LENGTH,
  });
  const methods = createMethods(held);
  server.addService(
    Object.fromEntries(Object.keys(methods).map((name) => [name, definitionOf(name)])),
    Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, answering(method)])),
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${HOST}:0`, grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, close: () => server.forceShutdown() };
}

/**
 * Arguments of a worker that say where the service is, as the platform starts its workers with them. The extension reads
 * them when it is given its first message.
 */
export const settlementArguments = (port: number): readonly string[] => [
  ...['--host', HOST, '--port', String(port)],
  ...['--functions-grpc-max-message-length', String(MAX_MESSAGE_LENGTH)],
];

type Method = (request: SettlementRequest) => Promise<Buffer | undefined>;

function createMethods(held: HeldMessages): Readonly<Record<string, Method>> {
  const withMessage =
    (act: (message: HeldMessage, request: SettlementRequest) => Promise<void>): Method =>
    async (request) => {
      const message = held.messages.get(request.key);
      if (message === undefined) throw new UnknownKeyError(`LockToken ${request.key} not found.`);
      await act(message, request);
      return undefined;
    };
  const withSession =
    (act: (session: HeldSession, request: SettlementRequest) => Promise<Buffer | undefined>): Method =>
    async (request) => {
      const session = held.sessions.get(request.key);
      if (session === undefined) throw new UnknownKeyError(`SessionId ${request.key} not found.`);
      return act(session, request);
    };
  return {
    Complete: withMessage((message) => message.complete()),
    Abandon: withMessage((message, { bytes }) => message.abandon(toProperties(bytes))),
    Defer: withMessage((message, { bytes }) => message.defer(toProperties(bytes))),
    Deadletter: withMessage((message, { bytes, reason, description }) =>
      message.deadLetter({ reason, description, properties: toProperties(bytes) }),
    ),
    RenewMessageLock: withMessage((message) => message.renewLock()),
    GetSessionState: withSession(async ({ receiver }) =>
      encodeBytes(toStateBytes(await receiver.getSessionState())),
    ),
    SetSessionState: withSession(async ({ receiver }, { bytes }) => {
      await receiver.setSessionState(bytes);
      return undefined;
    }),
    ReleaseSession: withSession((session) => {
      session.release();
      return Promise.resolve(undefined);
    }),
    RenewSessionLock: withSession(async ({ receiver }) => encodeTime(await receiver.renewSessionLock())),
  };
}

/** A token or session that no running function holds. */
class UnknownKeyError extends Error {}

function answering(method: Method): grpc.handleUnaryCall<SettlementRequest, Buffer> {
  return ({ request }, callback) => {
    method(request).then(
      (answer) => callback(null, answer ?? EMPTY),
      (error: unknown) => callback(toStatus(error)),
    );
  };
}

function toStatus(error: unknown): Partial<grpc.StatusObject> {
  return error instanceof UnknownKeyError
    ? { code: grpc.status.FAILED_PRECONDITION, details: error.message }
    : { code: grpc.status.UNKNOWN, details: String(error) };
}

function definitionOf(name: string): grpc.MethodDefinition<SettlementRequest, Buffer> {
  return {
    path: `/Settlement/${name}`,
    requestStream: false,
    responseStream: false,
    requestDeserialize: decodeRequest,
    responseSerialize: (answer) => answer,
    requestSerialize: refuseClientUse,
    responseDeserialize: refuseClientUse,
  };
}

function refuseClientUse(): never {
  throw new Error('This definition serves; it is no client of the settlement service.');
}

/** `propertiesToModify` is one AMQP map; empty for none. */
function toProperties(bytes: Buffer): Properties | undefined {
  if (bytes.length === 0) return undefined;
  return rhea.types.unwrap_map_simple(new AmqpReader(bytes).read());
}

/** The SDK gives a state that is JSON parsed; everything else as the bytes it is. */
function toStateBytes(state: unknown): Buffer {
  if (state === undefined || state === null) return EMPTY;
  return Buffer.isBuffer(state) ? state : Buffer.from(JSON.stringify(state));
}
