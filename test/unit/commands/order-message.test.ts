import { anyTraceId } from '../../support/log-lines';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { takeOrderMessage } from '../../../src/commands/order-message';
import { placeOrder } from '../../../src/commands/place-order';
import { parseOrderRequest } from '../../../src/commands/order-request';
import { fold, headOf, type OrderHead } from '../../../src/domain/order';
import type { InboundBody, InboundMessage, Settlement } from '../../../src/ports/inbound-message';
import { openCommandPorts } from '../../support/command-ports';
import { SCOPE } from '../../support/orders';

const MAX_DELIVERIES = 3;
const line = { productId: 'prod-001', productName: 'Widget', quantity: 2, unitPrice: 49.99 };
const order = { customerId: 'cust-1', items: [line] };

const textBody = (text: string): InboundBody => ({ kind: 'text', text });

function message(overrides: Partial<InboundMessage> = {}): InboundMessage {
  return {
    messageId: 'message-1',
    key: overrides.messageId ?? 'message-1',
    deliveryCount: 1,
    correlationId: 'corr-1',
    traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
    tenantId: undefined,
    body: textBody(JSON.stringify(order)),
    ...overrides,
  };
}

function take(overrides: Partial<InboundMessage>, system = openCommandPorts()): Promise<Settlement> {
  return takeOrderMessage(system.ports, SCOPE, message(overrides), MAX_DELIVERIES);
}

const stored = ({ orders }: ReturnType<typeof openCommandPorts>): readonly OrderHead[] => orders.all();

describe('an order message', () => {
  test('is completed once its order is stored and its saga started, however often it comes', async () => {
    const system = openCommandPorts();
    for (const deliveryCount of [1, 2, 3]) {
      expect(await take({ deliveryCount }, system)).toEqual({ kind: 'complete' });
    }
    expect(system.calls).toEqual(['start']);
    expect(system.orders.requests.create).toBe(3);
  });

  test.each<[string, InboundBody]>([
    ['text', textBody(JSON.stringify(order))],
    ['bytes', { kind: 'bytes', bytes: Buffer.from(JSON.stringify(order)) }],
    ['a value', { kind: 'value', value: order }],
  ])('may have its body as %s', async (_what, body) => {
    expect(await take({ body })).toEqual({ kind: 'complete' });
  });

  test('and the same order over HTTP under the same key are one order', async () => {
    const system = openCommandPorts();
    await take({}, system);
    const parsed = parseOrderRequest(order);
    if (parsed.kind !== 'valid') throw new Error('the example order is valid');
    const overHttp = await placeOrder(system.ports, {
      request: parsed.request,
      scope: SCOPE,
      idempotencyKey: 'message-1',
      correlationId: 'another',
      traceparent: undefined,
    });
    expect(overHttp.kind).toBe('existing');
  });

  test('gives its correlation id and trace to the order, or they are made', async () => {
    const system = openCommandPorts();
    await take({}, system);
    await take({ messageId: 'message-2', correlationId: undefined, traceparent: 'not one' }, system);
    const traces = stored(system).map(({ correlationId, traceparent }) => ({
      correlationId,
      traceparent,
    }));
    expect(traces[0]).toEqual({ correlationId: 'corr-1', traceparent: message().traceparent });
    expect(traces[1]?.correlationId).toMatch(/^[0-9a-f-]{36}$/);
    expect(traces[1]?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
});

describe('a message that is no order', () => {
  test.each<[string, string, InboundBody]>([
    ['text that is not JSON', 'InvalidJson', textBody('{"customerId":')],
    ['an empty body', 'InvalidJson', textBody('')],
    ['bytes that are not UTF-8', 'InvalidJson', { kind: 'bytes', bytes: Buffer.from([0x7b, 0xff, 0x7d]) }],
    ['an array', 'DeserializationFailed', textBody('[]')],
    ['a JSON string', 'DeserializationFailed', textBody('"x"')],
    ['null', 'DeserializationFailed', textBody('null')],
    ['no value at all', 'DeserializationFailed', { kind: 'value', value: undefined }],
    ['an empty object', 'ValidationFailed', textBody('{}')],
  ])('with %s is dead-lettered at once as %s', async (_what, reason, body) => {
    const system = openCommandPorts();
    expect(await take({ body }, system)).toMatchObject({ kind: 'deadLetter', reason });
    expect(system.orders.requests.create).toBe(0);
  });

  test.each([
    ['[]', 'an array'],
    ['null', 'null'],
    ['"x"', 'a string'],
  ])('such as %s is told to be %s', async (text, what) => {
    expect(await take({ body: textBody(text) })).toMatchObject({
      description: `The body is ${what}; an order is a JSON object`,
    });
  });

  test('of compressed bytes is told so', async () => {
    const bytes = gzipSync(JSON.stringify(order));
    expect(await take({ body: { kind: 'bytes', bytes } })).toMatchObject({
      reason: 'InvalidJson',
      description: 'The body is not JSON: it is compressed with gzip; send it as it is',
    });
  });

  test('is told every path that is wrong', async () => {
    const body = { customerId: '', items: [{ ...line, quantity: 0 }], extra: 1 };
    const settlement = await take({ body: { kind: 'value', value: body }, messageId: 'naïve' });
    const { description } = settlement as { description: string };
    for (const path of ['messageId', 'customerId', 'items[0].quantity', 'extra']) {
      expect(description).toContain(path);
    }
  });

  test('with more than 1,000 lines is told so', async () => {
    const items = Array.from({ length: 1_001 }, (_, index) => ({ ...line, productId: `p-${index}` }));
    const settlement = await take({ body: { kind: 'value', value: { customerId: 'c', items } } });
    expect(settlement).toMatchObject({ reason: 'ValidationFailed' });
    expect((settlement as { description: string }).description).toContain('1001 lines');
  });

  test('has an id that came before with another order', async () => {
    const system = openCommandPorts();
    await take({}, system);
    const other = textBody(JSON.stringify({ ...order, customerId: 'cust-2' }));
    expect(await take({ body: other }, system)).toMatchObject({
      reason: 'ValidationFailed',
      description: expect.stringContaining('messageId belongs to order') as string,
    });
  });

  test('never throws, stores nothing, and gets one of the documented reasons, whatever it is', async () => {
    const body = fc.oneof(
      fc.string().map(textBody),
      fc.uint8Array().map((bytes): InboundBody => ({ kind: 'bytes', bytes })),
      fc.anything().map((value): InboundBody => ({ kind: 'value', value })),
      fc.json().map(textBody),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.string(), async (given, messageId) => {
        const system = openCommandPorts();
        expect(await take({ body: given, messageId }, system)).toMatchObject({
          kind: 'deadLetter',
          reason: expect.stringMatching(/^(InvalidJson|DeserializationFailed|ValidationFailed)$/) as string,
        });
        expect(system.orders.requests.create).toBe(0);
      }),
    );
  });
});

describe('a message that meets a fault', () => {
  test('is given back after a wait that doubles, and dead-lettered only at the last delivery', async () => {
    const system = openCommandPorts();
    system.orders.away = true;
    expect(await take({ deliveryCount: 1 }, system)).toEqual({ kind: 'abandon', waitMs: 2_000 });
    expect(await take({ deliveryCount: 2 }, system)).toEqual({ kind: 'abandon', waitMs: 4_000 });
    expect(await take({ deliveryCount: 3 }, system)).toMatchObject({
      kind: 'deadLetter',
      reason: 'ProcessingFailed',
      description: expect.stringMatching(/^after 3 deliveries: .*away/) as string,
    });
    const told = {
      messageId: 'message-1',
      correlationId: 'corr-1',
      traceId: anyTraceId(),
      error: 'the order store is away',
    };
    expect(system.lines.warn).toEqual(
      [1, 2, 3].map((deliveryCount) => ['message not processed', { ...told, deliveryCount }]),
    );
    expect(system.errors).toEqual([]);
  });

  test('waits at most 30 seconds, however many deliveries the queue allows', async () => {
    const system = openCommandPorts();
    system.orders.away = true;
    const settlement = await takeOrderMessage(system.ports, SCOPE, message({ deliveryCount: 9 }), 10);
    expect(settlement).toEqual({ kind: 'abandon', waitMs: 30_000 });
  });

  test('of our own making is treated alike, and told as an error', async () => {
    const system = openCommandPorts();
    system.ports.orders.create = () => Promise.reject(new TypeError('a bug'));
    expect(await take({}, system)).toEqual({ kind: 'abandon', waitMs: 2_000 });
    expect(system.errors).toEqual(['message not processed']);
  });

  test('is completed while only the task hub is away: the reconciler starts the saga', async () => {
    const system = openCommandPorts();
    system.hub.away = true;
    expect(await take({}, system)).toEqual({ kind: 'complete' });
    const [placed] = stored(system);
    const folded = fold(
      placed?.orderId ?? '',
      await system.orders.eventsAfter(SCOPE, placed?.orderId ?? '', 0),
    );
    expect(folded && headOf(folded)).toEqual(placed);
  });
});
