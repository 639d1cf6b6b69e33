// What Service Bus bindings and host.json may say, what becomes of outputs, and the wire format of settlements.
import { toMessageBodies } from '../../src/host/servicebus/output-bodies';
import type { HostedFunction } from '../../src/host/hosted-function';
import { readTrigger } from '../../src/host/servicebus/service-bus-bindings';
import { readServiceBusOptions } from '../../src/host/servicebus/service-bus-options';
import { decodeRequest, encodeBytes, encodeTime } from '../../src/host/servicebus/settlement-codec';

const refuse = (message: string): void => {
  throw new Error(message);
};

describe('the options of host.json', () => {
  test('are the platform’s defaults where nothing is said', () => {
    expect(readServiceBusOptions({}, refuse)).toEqual({
      autoCompleteMessages: true,
      prefetchCount: 0,
      maxAutoLockRenewalMs: 300_000,
      maxConcurrentCalls: 16,
      maxConcurrentSessions: 8,
      maxMessageBatchSize: 1_000,
      minMessageBatchSize: 1,
      maxBatchWaitMs: 30_000,
      sessionIdleTimeoutMs: 60_000,
    });
  });

  test('are read under their names', () => {
    const options = readServiceBusOptions(
      {
        autoCompleteMessages: false,
        prefetchCount: 7,
        maxBatchWaitTime: '00:00:05',
        sessionIdleTimeout: '00:01:00',
      },
      refuse,
    );
    expect(options).toMatchObject({ autoCompleteMessages: false, prefetchCount: 7, maxBatchWaitMs: 5_000 });
  });

  test('that have no effect here are named in a warning', () => {
    const warnings: string[] = [];
    readServiceBusOptions({ clientRetryOptions: {} }, (message) => warnings.push(message));
    expect(warnings).toEqual([
      'extensions.serviceBus.clientRetryOptions in host.json is not simulated by the local host: no effect here.',
    ]);
  });

  test.each([
    [{ maxConcurrentCalls: 0 }, 'maxConcurrentCalls in host.json is 0: write a whole number, 1 or more'],
    [{ autoCompleteMessages: 'no' }, 'autoCompleteMessages in host.json is "no": write true or false'],
    [{ maxBatchWaitTime: 30 }, 'maxBatchWaitTime in host.json is 30: write a time such as "00:05:00"'],
    [{ minMessageBatchSize: 20, maxMessageBatchSize: 10 }, 'write not more than maxMessageBatchSize'],
  ])('%j is refused', (section, message) => {
    expect(() => readServiceBusOptions(section, refuse)).toThrow(message);
  });
});

describe('the binding of a trigger', () => {
  const options = readServiceBusOptions({}, refuse);

  function hosted(trigger: object): HostedFunction {
    return {
      name: 'Consume',
      metadata: { name: 'Consume', bindings: {} },
      trigger: { type: 'serviceBusTrigger', ...trigger },
      triggerName: 'message',
      clientInputs: [],
      isDisabled: false,
    };
  }

  test.each([
    ['queue orders', { queueName: 'orders' }],
    ['subscription all of topic events', { topicName: 'events', subscriptionName: 'all' }],
  ])('names %s', (label, trigger) => {
    const read = readTrigger(hosted({ connection: 'Bus', ...trigger }), options, {
      Bus: 'Endpoint=sb://here',
    });
    expect(read.entity).toMatchObject({ label, connectionString: 'Endpoint=sb://here' });
    expect(read).toMatchObject({
      isAutoComplete: true,
      isBatch: false,
      hasSessions: false,
      dataType: 'text',
    });
  });

  test('finds its connection under the prefix AzureWebJobs first, and under ServiceBus without a name', () => {
    const environment = { Bus: 'plain', AzureWebJobsBus: 'prefixed', ServiceBus: 'default' };
    const connectionOf = (trigger: object): string =>
      readTrigger(hosted({ queueName: 'orders', ...trigger }), options, environment).entity.connectionString;
    expect([connectionOf({ connection: 'Bus' }), connectionOf({})]).toEqual(['prefixed', 'default']);
  });

  test('says by itself whether it completes, else host.json does', () => {
    const manual = readServiceBusOptions({ autoCompleteMessages: false }, refuse);
    const isAutoComplete = (trigger: object): boolean =>
      readTrigger(hosted({ queueName: 'orders', ...trigger }), manual, { ServiceBus: 'here' }).isAutoComplete;
    expect([isAutoComplete({}), isAutoComplete({ autoCompleteMessages: true })]).toEqual([false, true]);
  });

  test.each([
    [
      { connection: 'Bus' },
      'must name one queue or topic: give it queueName, or topicName with subscriptionName',
    ],
    [
      { connection: 'Bus', queueName: 'q', topicName: 't', subscriptionName: 's' },
      'must name one queue or topic',
    ],
    [{ connection: 'Bus', topicName: 't' }, 'must name one queue or topic'],
    [
      { connection: 'Absent', queueName: 'q' },
      '"connection" of function Consume is "Absent", but there is no setting Absent',
    ],
    [
      { connection: 'Identity', queueName: 'q' },
      'managed identity (Identity__fullyQualifiedNamespace), which is not simulated',
    ],
    [
      { connection: 'Endpoint=sb://x', queueName: 'q' },
      'is a connection string. It is the name of a setting that holds one',
    ],
  ])('%j is refused', (trigger, message) => {
    const environment = {
      Bus: 'Endpoint=sb://here',
      Identity__fullyQualifiedNamespace: 'x.servicebus.windows.net',
    };
    expect(() => readTrigger(hosted(trigger), options, environment)).toThrow(message);
  });
});

describe('the wire format of the settlement service', () => {
  test('reads texts, bytes and wrapped texts of more than 127 bytes', () => {
    const text = 'é'.repeat(100);
    const field = (number: number, bytes: Buffer): Buffer => {
      const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
      return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), bytes]);
    };
    const request = Buffer.concat([
      field(1, Buffer.from('token')),
      field(2, Buffer.from([1, 2])),
      field(3, field(1, Buffer.from('reason'))),
      field(4, field(1, Buffer.from(text))),
    ]);
    expect(decodeRequest(request)).toEqual({
      key: 'token',
      bytes: Buffer.from([1, 2]),
      reason: 'reason',
      description: text,
    });
  });

  test('an empty request has empty fields, and one that is cut off is refused', () => {
    expect(decodeRequest(Buffer.alloc(0))).toEqual({
      key: '',
      bytes: Buffer.alloc(0),
      reason: undefined,
      description: undefined,
    });
    expect(() => decodeRequest(Buffer.from([10, 5, 1]))).toThrow('cut off');
  });

  test('writes bytes and times', () => {
    expect(encodeBytes(Buffer.from('ab'))).toEqual(Buffer.from([10, 2, 97, 98]));
    // 300 s and 5 ms: seconds = 300, nanos = 5,000,000.
    expect(encodeTime(new Date(300_005))).toEqual(Buffer.from([10, 8, 8, 0xac, 2, 16, 0xc0, 0x96, 0xb1, 2]));
  });
});

test.each([
  [{ string: 'plain' }, ['plain']],
  [{ string: '{"a":1}' }, ['{"a":1}']],
  [{ string: '["a",{"b":2}]' }, ['a', '{"b":2}']],
  [{ string: '[not json' }, ['[not json']],
  [{ json: '{"a":1}' }, ['{"a":1}']],
  [{ json: '["a",["b"],3]' }, ['a', '["b"]', '3']],
  [{ json: '[]' }, []],
  [{ bytes: Buffer.from([104, 105]) }, ['hi']],
  [{ int: 7 }, ['7']],
])('the output %j becomes the messages %j', (data, bodies) => {
  expect(toMessageBodies(data).map(String)).toEqual(bodies);
});
