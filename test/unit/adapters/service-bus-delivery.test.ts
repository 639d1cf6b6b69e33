import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { deliveriesOf, type ServiceBusMessages } from '../../../src/adapters/service-bus-delivery';

/** A data section as rhea decodes it. */
const data = (content: unknown): unknown => ({ typecode: 0x75, content, multiple: false });

function received(overrides: object): ServiceBusReceivedMessage {
  return { messageId: 'message-1', body: undefined, ...overrides } as ServiceBusReceivedMessage;
}

function open(messages: ServiceBusMessages['messages'], metadata?: Record<string, unknown>) {
  const calls: unknown[][] = [];
  const record =
    (name: string) =>
    (...args: unknown[]) =>
      Promise.resolve(void calls.push([name, ...args]));
  const actions = {
    complete: record('complete'),
    abandon: record('abandon'),
    deadletter: record('deadletter'),
  };
  return { calls, deliveries: deliveriesOf({ messages, actions }, metadata) };
}

const bodyOf = (overrides: object): unknown => open(received(overrides)).deliveries[0]?.message.body;

describe('a Service Bus delivery', () => {
  test('takes one message and an array of messages', () => {
    expect(open(received({})).deliveries).toHaveLength(1);
    expect(open([received({}), received({})]).deliveries).toHaveLength(2);
  });

  test('gives the body as the sender sent it, in the old shape and in the new one', () => {
    const bytes = Buffer.from('{"a":1}');
    const sent = { kind: 'bytes', bytes };
    expect(bodyOf({ body: { a: 1 }, _rawAmqpMessage: { body: data(bytes) } })).toEqual(sent);
    expect(bodyOf({ body: bytes })).toEqual(sent);
    expect(bodyOf({ body: data([bytes.subarray(0, 3), bytes.subarray(3)]) })).toEqual(sent);
  });

  test('gives a text as a text and a value as a value', () => {
    expect(bodyOf({ body: 'x', _rawAmqpMessage: { body: '{"a":1}' } })).toEqual({
      kind: 'text',
      text: '{"a":1}',
    });
    expect(bodyOf({ body: { a: 1 } })).toEqual({ kind: 'value', value: { a: 1 } });
    expect(bodyOf({})).toEqual({ kind: 'value', value: undefined });
  });

  test.each<[string, number, unknown, number]>([
    ['nothing at a first delivery', 0, undefined, 1],
    ['one at a first delivery', 1, 1, 1],
    ['it in the metadata only', 0, '3', 3],
    ['it in the message only', 3, undefined, 3],
    ['a word in the metadata', 2, 'many', 2],
  ])('counts deliveries from 1 when the platform says %s', (_what, deliveryCount, told, expected) => {
    const { deliveries } = open(received({ deliveryCount }), { deliveryCount: told });
    expect(deliveries[0]?.message.deliveryCount).toBe(expected);
  });

  test.each<[string, unknown, string]>([
    ['a text', 'order-1', 'order-1'],
    ['an integer', 42, '42'],
    ['nought', 0, '0'],
    ['an integer that no double holds', Buffer.from('ffffffffffffffff', 'hex'), '18446744073709551615'],
    [
      'a UUID',
      Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
      '00112233-4455-6677-8899-aabbccddeeff',
    ],
    ['binary', Buffer.from('abc'), '616263'],
  ])('has %s as its ids in writing, whatever the extension makes of it', (_what, id, text) => {
    const properties = { messageId: id, correlationId: id };
    const [delivery] = open(
      received({
        ...{ messageId: String(id), correlationId: String(id) },
        _rawAmqpMessage: { body: undefined, properties },
      }),
    ).deliveries;
    expect(delivery?.message).toMatchObject({ messageId: text, correlationId: text });
  });

  test('takes the trace from traceparent, or from the name that the Azure SDKs have for it', () => {
    const traceOf = (applicationProperties: object): unknown =>
      open(received({ applicationProperties })).deliveries[0]?.message.traceparent;
    expect(traceOf({ traceparent: '00-a', 'Diagnostic-Id': '00-b' })).toBe('00-a');
    expect(traceOf({ 'Diagnostic-Id': '00-b' })).toBe('00-b');
    expect(traceOf({ traceparent: { odd: true } })).toBeUndefined();
  });

  test('is settled on the message it came with, texts as the settlement service can encode them', async () => {
    const message = received({});
    const { calls, deliveries } = open(message);
    const [delivery] = deliveries;
    await delivery?.settle({ kind: 'complete' });
    await delivery?.settle({ kind: 'abandon', waitMs: 5 });
    await delivery?.settle({ kind: 'deadLetter', reason: 'InvalidJson', description: 'why' });
    expect(calls).toEqual([
      ['complete', message],
      ['abandon', message],
      ['deadletter', message, undefined, { value: 'InvalidJson' }, { value: 'why' }],
    ]);
  });
});
