// Ids that stand in paths, at every door: the body over HTTP, the message on the queue, the path.
import fc from 'fast-check';
import { takeOrderMessage } from '../../../src/commands/order-message';
import { parseOrderRequest } from '../../../src/commands/order-request';
import { readInventoryEvent } from '../../../src/inventory/inventory-event';
import { pathIdProblem, productIdProblem } from '../../../src/domain/ids';
import { orderIdOf } from '../../../src/functions/find-order';
import { routeList, ROUTES } from '../../../src/functions/routes/routes';
import { openCommandPorts } from '../../support/command-ports';
import { eventGrid, inventoryEvent } from '../../support/inventory-event-input';
import { SCOPE } from '../../support/orders';
import { callTo } from '../../support/route-calls';

const RULE = /1 to 64 characters, each an ASCII letter, a digit or one of - _ \. : ~/;
const NO_IDS = [
  ...['', '.', '..', 'acme/eu', 'acme%2Feu', 'a b', ' a', 'a\\b', 'a?b', 'a#b', 'a;b', 'a+b', 'café', '😀'],
  ...['a\n', 'a\0', '\ud83d', 'x'.repeat(65)],
];
const IDS = ['a', 'cust-1', 'A_b.c:d~e', '...', '.a', 'x'.repeat(64), '__proto__'];

const line = { productId: 'p-1', productName: 'Widget', quantity: 1, unitPrice: 1 };
const order = (customerId: unknown): object => ({ customerId, items: [line] });

describe('an id that stands in a path', () => {
  test.each(IDS)('may be %j', (id) => {
    expect(pathIdProblem(id)).toBeUndefined();
    expect(parseOrderRequest(order(id))).toMatchObject({ kind: 'valid', request: { customerId: id } });
  });

  test.each(NO_IDS)('may not be %j: in a body over HTTP', (id) => {
    expect(parseOrderRequest(order(id))).toMatchObject({
      kind: 'invalid',
      errors: [{ path: 'customerId', message: expect.stringMatching(RULE) as string }],
    });
  });

  test.each(NO_IDS)('may not be %j: in a message on the queue', async (id) => {
    const { ports, orders } = openCommandPorts();
    const body = { kind: 'value' as const, value: order(id) };
    const message = { messageId: 'm-1', key: 'm-1', deliveryCount: 1, body };
    const settlement = await takeOrderMessage(
      ports,
      SCOPE,
      { ...message, correlationId: undefined, traceparent: undefined, tenantId: undefined },
      3,
    );
    expect(settlement).toMatchObject({
      kind: 'deadLetter',
      reason: 'ValidationFailed',
      description: expect.stringMatching(RULE) as string,
    });
    expect(orders.all()).toEqual([]);
  });

  test.each(NO_IDS)('may not be %j: as a customer or an order in a path', async (id) => {
    const refused = (path: string): object => ({
      code: 'VALIDATION_FAILED',
      errors: [{ path, message: expect.stringMatching(RULE) as string }],
    });
    await expect(callTo(ROUTES.GetOrdersByCustomer, { params: { customerId: id } })).rejects.toMatchObject(
      refused('customerId'),
    );
    for (const route of routeList.filter(({ path }) => path.includes('{id}')))
      await expect(callTo(route, { params: { id, number: '1' } })).rejects.toMatchObject(refused('id'));
  });

  test('is left as it is by whoever reads a URL', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_.:~-]{1,64}$/), (id) => {
        fc.pre(pathIdProblem(id) === undefined);
        expect(new URL(`http://app/api/orders/customer/${id}`).pathname).toBe(`/api/orders/customer/${id}`);
      }),
    );
  });

  test('is no e-mail address, and whoever sends one is told where it belongs', () => {
    expect(parseOrderRequest(order('ann@example.com'))).toMatchObject({
      errors: [{ path: 'customerId', message: expect.stringMatching(/e-mail.*`contact`/s) as string }],
    });
  });

  test('that is none but could be one is no order', () => {
    expect(() => orderIdOf('nobody')).toThrow('There is no order nobody');
  });
});

describe('the id of a product', () => {
  test.each(['a', 'a b', 'a/b', '.', '50 % off', 'café-😀', 'x'.repeat(128)])('may be %j', (id) => {
    expect(productIdProblem(id)).toBeUndefined();
  });

  test('may not be empty', () => {
    expect(productIdProblem('')).toContain('1 to 128 printable characters');
  });

  test.each([' ', ' a', 'a ', 'a\tb', 'a\u2028b', '\x7f', 'x\ud800', 'x'.repeat(129)])(
    'may not be %j, in an order as in an event',
    (productId) => {
      const wrong = (path: string): object => ({
        kind: 'invalid',
        errors: expect.arrayContaining([
          { path, message: expect.stringContaining('1 to 128 printable characters') as string },
        ]) as object,
      });
      const items = [{ ...line, productId }];
      expect(parseOrderRequest({ customerId: 'c', items })).toMatchObject(wrong('items[0].productId'));
      const event = eventGrid(inventoryEvent({ data: { productId, onHand: 1, reserved: 0 } }));
      expect(readInventoryEvent(event)).toMatchObject(wrong('data.productId'));
    },
  );
});
