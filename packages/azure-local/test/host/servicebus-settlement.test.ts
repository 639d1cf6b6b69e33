// The one way by which settlements leave the host: many at once, of every kind, through gRPC, each where it belongs; and
// the gRPC service itself, asked by a client that is not the extension.
import path from 'node:path';
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceiverOptions } from '@azure/service-bus';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { createHeldMessages, HeldMessage } from '../../src/host/servicebus/held-messages';
import { createSettlementGate } from '../../src/host/servicebus/settlement-gate';
import { startSettlementServer } from '../../src/host/servicebus/settlement-server';
import { until } from '../../src/kit/until';
import { removeChildren } from '../../testing/child-programs';
import { queue, startBroker, startServiceBusHost, type Broker } from './servicebus-process';

const KINDS = ['complete', 'deadletter', 'abandonOnce', 'defer'] as const;
const COUNT = 200;

let broker: Broker;
let client: ServiceBusClient;
beforeAll(async () => {
  broker = await startBroker([queue('mixed', { MaxDeliveryCount: 10 })]);
  client = new ServiceBusClient(broker.connectionString);
});
afterAll(async () => {
  await client.close();
  removeChildren();
  await broker.close();
});

test('settlements of every kind, asked for at once, each end where they belong (settlement-gate.G2)', async () => {
  const messages = Array.from({ length: COUNT }, (_, index): ServiceBusMessage => {
    const kind = KINDS[index % KINDS.length] ?? 'complete';
    return {
      messageId: `${kind} ${index}`,
      body: index,
      applicationProperties: { settle: kind, reason: `reason ${index}`, description: `description ${index}` },
    };
  });
  await client.createSender('mixed').sendMessages(messages);
  const host = await startServiceBusHost(
    ['ManualBatch'],
    { Bus: broker.connectionString },
    { maxMessageBatchSize: COUNT },
  );
  const idsOf = (kind: string): string[] =>
    messages
      .flatMap(({ messageId }) => (String(messageId).startsWith(kind) ? [String(messageId)] : []))
      .sort();

  // Looked at, not taken: what is under way to a receiver that deletes is lost where the SDK closes its link, as it does when
  // the answer to a drain takes longer than 200 ms.
  const lying = (what: string, options: ServiceBusReceiverOptions = {}) =>
    until(what, async () => {
      const looking = new ServiceBusClient(broker.connectionString);
      const found = await looking.createReceiver('mixed', options).peekMessages(COUNT);
      await looking.close();
      return found.length >= COUNT / KINDS.length && found;
    });
  const dead = await lying('every dead letter', { subQueueType: 'deadLetter' });
  expect(dead.map(({ messageId }) => String(messageId)).sort()).toEqual(idsOf('deadletter'));
  for (const { messageId, deadLetterReason, deadLetterErrorDescription } of dead) {
    const index = String(messageId).split(' ')[1] ?? '';
    expect([deadLetterReason, deadLetterErrorDescription]).toEqual([
      `reason ${index}`,
      `description ${index}`,
    ]);
  }
  const left = await until('only the deferred ones', async () => {
    const found = await lying('some that are left');
    return found.length === COUNT / KINDS.length && found;
  });
  expect(left.map(({ messageId }) => String(messageId)).sort()).toEqual(idsOf('defer'));
  expect(new Set(left.map(({ state }) => state))).toEqual(new Set(['deferred']));
  const calls = await host.seen<{ count: number; metadata: Record<string, unknown[]> }>('ManualBatch', 1);
  const counts = calls.flatMap(({ metadata }) => metadata['deliveryCountArray'] ?? []);
  // Each abandoned message came once more, with the property that it was abandoned with; nothing else did.
  expect(counts.filter((count) => count === 2)).toHaveLength(COUNT / KINDS.length);
  expect(counts).toHaveLength(COUNT + COUNT / KINDS.length);
  await host.close();
});

describe('the settlement service', () => {
  type Call = (request: object) => Promise<Readonly<Record<string, unknown>>>;
  const proto = loadSync(
    path.join(
      path.dirname(require.resolve('@azure/functions-extensions-servicebus')),
      'proto/settlement.proto',
    ),
    { longs: Number, defaults: true },
  );
  const held = createHeldMessages();
  let server: Awaited<ReturnType<typeof startSettlementServer>>;
  let call: (method: string) => Call;
  let service: grpc.Client;

  beforeAll(async () => {
    server = await startSettlementServer(held);
    const Settlement = grpc.loadPackageDefinition(proto)['Settlement'] as grpc.ServiceClientConstructor;
    service = new Settlement(`127.0.0.1:${server.port}`, grpc.credentials.createInsecure());
    const methods = service as unknown as Record<
      string,
      (request: object, done: grpc.requestCallback<Readonly<Record<string, unknown>>>) => void
    >;
    call = (method) => (request) =>
      new Promise((resolve, reject) => {
        methods[method]?.call(service, request, (error, answer) => {
          if (error === null) resolve(answer ?? {});
          else reject(error);
        });
      });
  });
  afterAll(() => {
    service.close();
    server.close();
  });

  function hold(token: string, receiver: object): void {
    held.messages.set(
      token,
      new HeldMessage({ lockToken: token } as never, receiver as never, createSettlementGate()),
    );
  }

  test.each([
    ['Complete', 'LockToken'],
    ['Abandon', 'LockToken'],
    ['Defer', 'LockToken'],
    ['Deadletter', 'LockToken'],
    ['RenewMessageLock', 'LockToken'],
    ['GetSessionState', 'SessionId'],
    ['SetSessionState', 'SessionId'],
    ['ReleaseSession', 'SessionId'],
    ['RenewSessionLock', 'SessionId'],
  ])('%s of what is not held is FAILED_PRECONDITION in the words of the platform', async (method, kind) => {
    await expect(call(method)({ locktoken: 'nothing', sessionId: 'nothing' })).rejects.toMatchObject({
      code: grpc.status.FAILED_PRECONDITION,
      details: `${kind} nothing not found.`,
    });
  });

  test('an error of the broker is UNKNOWN with its text, and the message can be settled again', async () => {
    let attempts = 0;
    hold('fails once', {
      completeMessage: () =>
        (attempts += 1) === 1 ? Promise.reject(new Error('lock lost')) : Promise.resolve(),
    });
    await expect(call('Complete')({ locktoken: 'fails once' })).rejects.toMatchObject({
      code: grpc.status.UNKNOWN,
      details: 'Error: lock lost',
    });
    await expect(call('Complete')({ locktoken: 'fails once' })).resolves.toEqual({});
  });

  test('propertiesToModify is an AMQP map that goes along with abandon, defer and dead-letter', async () => {
    const given: unknown[] = [];
    const note = (_message: unknown, properties: unknown): Promise<void> =>
      Promise.resolve(void given.push(properties));
    hold('abandoned', { abandonMessage: note });
    hold('deferred', { deferMessage: note });
    hold('dead', { deadLetterMessage: note });
    // A map of 8-bit size with two entries: "tries" → 7 (smallint) and "late" → true.
    const propertiesToModify = Buffer.from([
      ...[0xc1, 0x11, 0x04, 0xa1, 5, ...Buffer.from('tries'), 0x54, 7],
      ...[0xa1, 4, ...Buffer.from('late'), 0x41],
    ]);
    await call('Abandon')({ locktoken: 'abandoned', propertiesToModify });
    await call('Defer')({ locktoken: 'deferred', propertiesToModify });
    await call('Deadletter')({ locktoken: 'dead', propertiesToModify, deadletterReason: { value: 'R' } });
    const properties = { tries: 7, late: true };
    expect(given).toEqual([
      properties,
      properties,
      { ...properties, deadLetterReason: 'R', deadLetterErrorDescription: '' },
    ]);
  });

  test('a session’s state, lock and release are those of the session that is held', async () => {
    const lockedUntil = new Date(1_800_000_000_123);
    const state: { value: unknown } = { value: null };
    let isReleased = false;
    held.sessions.set('s-1', {
      receiver: {
        getSessionState: () => Promise.resolve(state.value),
        setSessionState: (value: unknown) => Promise.resolve(void (state.value = value)),
        renewSessionLock: () => Promise.resolve(lockedUntil),
      } as never,
      release: () => (isReleased = true),
    });
    const sessionState = async (): Promise<unknown> =>
      (await call('GetSessionState')({ sessionId: 's-1' }))['sessionState'];
    expect(await sessionState()).toEqual(Buffer.alloc(0));
    await call('SetSessionState')({ sessionId: 's-1', sessionState: Buffer.from([1, 255]) });
    expect(await sessionState()).toEqual(Buffer.from([1, 255]));
    // The SDK parses a state that is JSON.
    state.value = { step: 2 };
    expect(String(await sessionState())).toBe('{"step":2}');
    expect(await call('RenewSessionLock')({ sessionId: 's-1' })).toMatchObject({
      lockedUntil: { seconds: 1_800_000_000, nanos: 123_000_000 },
    });
    await call('ReleaseSession')({ sessionId: 's-1' });
    expect(isReleased).toBe(true);
  });
});
