// What is told about input that is wrong: what is wrong with it, and what is allowed.
import { z } from 'zod';
import { parseOrderRequest } from '../../../src/commands/order-request';
import { takeOrderMessage } from '../../../src/commands/order-message';
import type { ConfigError } from '../../../src/parse-config';
import { parseConfig } from '../../../src/parse-config';
import { readInventoryEvent } from '../../../src/inventory/inventory-event';
import { readEvent } from '../../../src/events/read-event';
import { ROUTES } from '../../../src/functions/routes/routes';
import { numberText, validate, type FieldError } from '../../../src/validation';
import { SCOPE } from '../../support/orders';
import { callTo } from '../../support/route-calls';

function errorsOf(result: { readonly kind: string; readonly errors?: readonly FieldError[] }): string[] {
  return (result.errors ?? []).map(({ path, message }) => `${path} ${message}`);
}

const line = { productId: 'p', productName: 'P', quantity: 1, unitPrice: 1 };
const order = { customerId: 'c', items: [line] };

describe('a body', () => {
  test.each<[unknown, string]>([
    [{ ...order, customerId: undefined }, 'customerId is required'],
    [{ ...order, customerId: 5 }, 'customerId must be a string, not a number'],
    [{ ...order, customerId: null }, 'customerId must be a string, not null'],
    [{ ...order, couponCode: '' }, 'couponCode must not be empty'],
    [{ ...order, couponCode: 'x'.repeat(65) }, 'couponCode must have at most 64 characters'],
    [{ ...order, items: 'all' }, 'items must be an array, not a string'],
    [{ ...order, items: {} }, 'items must be an array, not an object'],
    [{ ...order, items: [] }, 'items must have at least 1 entry'],
    [{ ...order, items: ['p'] }, 'items[0] must be an object, not a string'],
    [{ ...order, items: [{ ...line, quantity: '2' }] }, 'items[0].quantity must be a number, not a string'],
    [{ ...order, items: [{ ...line, quantity: 1.5 }] }, 'items[0].quantity must be a whole number, not 1.5'],
    [{ ...order, items: [{ ...line, quantity: 0 }] }, 'items[0].quantity must be at least 1'],
    [{ ...order, items: [{ ...line, quantity: 10_001 }] }, 'items[0].quantity must be at most 10000'],
    [
      { ...order, items: [{ ...line, unitPrice: true }] },
      'items[0].unitPrice must be a number, not a boolean',
    ],
    [{ ...order, payments: [{ method: 'card', amount: 0 }] }, 'payments[0].amount must be more than 0'],
    [{ ...order, notBefore: 5 }, 'notBefore must be a string, not a number'],
    [{ ...order, notBefore: 'soon' }, 'notBefore must be a date and time such as 2026-01-31T12:00:00Z'],
    [{ ...order, shippingAddress: [] }, 'shippingAddress must be an object, not an array'],
    [{ ...order, extra: 1 }, 'extra is not a known field'],
    ['text', ' must be an object, not a string'],
  ])('%j: %s', (body, told) => {
    expect(errorsOf(parseOrderRequest(body))).toEqual([told]);
  });
});

describe('a number written as text', () => {
  const from1To100 = numberText({ min: 1, max: 100 });
  test.each([
    ['abc', 'must be a number in digits, such as 5'],
    ['', 'must be a number in digits, such as 5'],
    ['0x10', 'must be a number in digits, such as 5'],
    ['1.5', 'must be a whole number, not 1.5'],
    ['0', 'must be at least 1'],
    ['-5', 'must be at least 1'],
    ['1000', 'must be at most 100'],
  ])('that is %j is told what is wrong with it', (text, told) => {
    expect(errorsOf(validate(from1To100, text))).toEqual([` ${told}`]);
  });

  test('is taken with both its bounds', () => {
    expect(['1', '100'].map((text) => validate(from1To100, text))).toEqual([
      { kind: 'valid', value: 1 },
      { kind: 'valid', value: 100 },
    ]);
  });
});

test('a choice lists what can be chosen, and a missing one is required', () => {
  const choice = z.object({ a: z.enum(['x', 'y']) });
  expect(errorsOf(validate(choice, { a: 'z' }))).toEqual(['a must be one of x, y']);
  expect(errorsOf(validate(choice, {}))).toEqual(['a is required']);
});

test.each([
  ['limit=1001', 'must be at most 1000'],
  ['limit=0', 'must be at least 1'],
  ['after=-1', 'must not be negative'],
  ['after=last', 'must be a number in digits, such as 5'],
])('the query ?%s: %s', async (query, told) => {
  await expect(
    callTo(ROUTES.GetOrderEvents, { params: { id: 'o-1' }, query: `?${query}` }),
  ).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    errors: [{ path: query.split('=')[0], message: told }],
  });
});

test.each([
  ['OrderProcessing:RelayBatchSize', '-5', 'is "-5" and must be at least 1'],
  ['OrderProcessing:RelayBatchSize', '1001', 'is "1001" and must be at most 1000'],
  ['OrderProcessing:RelayBatchSize', 'many', 'is "many" and must be a number in digits, such as 5'],
  ['OrderProcessing:SagaTimeoutMinutes', '0', 'is "0" and must be more than 0'],
  ['OrderProcessing:DownstreamOutagePolicy', 'panic', 'is "panic" and must be one of wait, fail'],
  ['OrderProcessing:CreateCosmosContainers', 'yes', 'is "yes" and must be one of true, false'],
  ['OrderProcessing:EventGridTopicEndpoint', 'topic', 'is "topic" and must be an http(s) URL'],
  ['InventoryService:BaseUrl', undefined, 'is required'],
])('the setting %s = %j: %s', (name, value, told) => {
  let problems: readonly string[] = [];
  try {
    parseConfig({ [name]: value });
  } catch (error) {
    problems = (error as ConfigError).problems;
  }
  expect(problems).toContain(`${name} ${told}`);
});

describe('a message', () => {
  test('of an order says the same as the body of a request', async () => {
    const message = {
      messageId: 'm',
      body: { kind: 'value', value: { ...order, customerId: 5 } },
      key: 'm-1',
      deliveryCount: 1,
    };
    const settlement = await takeOrderMessage({} as never, SCOPE, message as never, 3);
    expect(settlement).toMatchObject({ description: 'customerId must be a string, not a number' });
  });

  test.each<[unknown, string]>([
    [[], 'eventType is required'],
    ['text', ' must be an object, not a string'],
    [{ eventType: 5 }, 'eventType must be a string, not a number'],
    [{ type: null, specversion: '1.0' }, 'type must be a string, not null'],
  ])('of the inventory that is %j: %s', (json, told) => {
    expect(errorsOf(readInventoryEvent(json))).toEqual([told]);
  });

  test('of the inventory without its time says that it is missing, not how it looks', () => {
    const data = { productId: 'p', onHand: 1, reserved: 0 };
    expect(errorsOf(readInventoryEvent({ id: 'e', eventType: 'Inventory.StockUpdated', data }))).toEqual([
      'eventTime is required',
    ]);
  });

  test.each<[unknown, string]>([
    [7, ' must be an object, not a number'],
    [{}, 'type is required'],
    [{ type: 7 }, 'type must be a string, not a number'],
  ])('with an event that is %j: %s', (json, told) => {
    expect(errorsOf(readEvent(json))).toEqual([told]);
  });
});
