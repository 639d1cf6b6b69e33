// Balance of the playground: orders against the ledger of the services; and its scenarios against those of the demo.
import { SCENARIOS } from '../../../local/demo/scenarios';
import { balanceOf, total } from '../../../src/console/balance';
import { PLAYGROUND_SCENARIOS } from '../../../src/console/playground-scenarios';
import type { Effected } from '../../../src/ports/simulators';
import type { OrderView } from '../../../src/queries/order-view';

const line = (effect: string, amount?: number): Effected => ({
  ...{ seq: 1, at: '', service: '', orderId: 'o', effect },
  ...(amount === undefined ? {} : { amount }),
});
const order = (status: string, refundedAmount = 0): OrderView =>
  ({ id: 'o', status, amountDue: 49.99, payments: [{ refundedAmount }] }) as unknown as OrderView;

test.each([
  ['completed', 0, [line('stockReserved'), line('charged', 4_999), line('stockConfirmed')], true],
  [
    'completed',
    0,
    [line('stockReserved'), line('charged', 4_999), line('charged', 4_999), line('stockConfirmed')],
    false,
  ],
  [
    'completed',
    10,
    [line('stockReserved'), line('charged', 4_999), line('stockConfirmed'), line('refunded', 1_000)],
    true,
  ],
  [
    'failed',
    0,
    [line('stockReserved'), line('charged', 4_999), line('refunded', 4_999), line('stockReleased')],
    true,
  ],
  ['failed', 0, [line('stockReserved'), line('charged', 4_999), line('stockReleased')], false],
  ['processing', 0, [line('stockReserved')], undefined],
])('%s with %d refunded: %j balances: %s', (status, refunded, effects, isEven) => {
  expect(balanceOf(order(status, refunded), effects).isEven).toBe(isEven);
});

describe('an order with a return', () => {
  const sold = [line('stockReserved'), line('charged', 4_999), line('stockConfirmed')];
  const given = line('refunded', 1_000);
  const restocked = (quantity: number): Effected => ({ ...line('restocked'), quantity });
  const returned = (status: string): OrderView =>
    ({
      ...order('completed', 10),
      returns: [{ status, items: [{ productId: 'p', quantity: 3, accepted: 3, damaged: 1 }] }],
    }) as unknown as OrderView;

  test.each([
    ['closed', [given, restocked(2)], true],
    ['closed', [given, restocked(3)], false],
    ['closed', [given], false],
    ['inspected', [given], undefined],
  ])('that is %s with %j balances: %s', (status, effects, isEven) => {
    expect(balanceOf(returned(status), [...sold, ...effects]).isEven).toBe(isEven);
  });
});

test('together they balance when each that has ended does', () => {
  const good = balanceOf(order('completed'), [
    line('stockReserved'),
    line('charged', 4_999),
    line('stockConfirmed'),
  ]);
  const bad = balanceOf(order('completed'), []);
  expect([total([good]).isEven, total([good, bad]).isEven, total([]).isEven]).toEqual([
    true,
    false,
    undefined,
  ]);
  expect(total([good, good]).chargedMinor).toBe(9_998);
});

test('the playground has every scenario of the demo', () => {
  expect(PLAYGROUND_SCENARIOS.map(({ name, customerId }) => [name, customerId])).toEqual(
    SCENARIOS.map(({ name, customerId }) => [name, customerId]),
  );
});
