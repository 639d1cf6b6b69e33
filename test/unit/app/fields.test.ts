// Fields that many inputs have: what is refused before anything is looked up.
import { label } from '../../../src/fields';
import { BULK_ROUTES } from '../../../src/functions/routes/bulk-routes';
import { OPERATOR_ROUTES } from '../../../src/functions/routes/operator-routes';
import { ORDER_ROUTES } from '../../../src/functions/routes/order-routes';
import { validate } from '../../../src/validation';

const early = '2026-01-01T00:00:00.000Z';
const late = '2026-01-02T00:00:00.000Z';

test.each([
  ['a customer’s orders', (span: object) => validate(ORDER_ROUTES.GetOrdersByCustomer.query, span), 'from'],
  ['the orders of all', (span: object) => validate(OPERATOR_ROUTES.ListOrders.query, span), 'from'],
  [
    'a bulk operation',
    (span: object) =>
      validate(BULK_ROUTES.StartBulk.body.schema, { act: 'cancel', reason: 'r', filter: span }),
    'filter.from',
  ],
])('%s: a span of time that ends before it begins is refused by the name of its field', (_, given, path) => {
  expect(given({ from: late, to: early })).toMatchObject({
    kind: 'invalid',
    errors: [{ path, message: 'must not be after `to`' }],
  });
  for (const span of [{ from: early, to: late }, { from: early, to: early }, { from: late }, { to: early }])
    expect(given(span)).toMatchObject({ kind: 'valid' });
});

test('words for people have no control characters, but may have several lines', () => {
  for (const words of ['a\0b', 'a\x1b[31m', 'a\x7f', 'a\x0bb'])
    expect(validate(label(20), words)).toMatchObject({
      kind: 'invalid',
      errors: [{ message: 'must not contain control characters' }],
    });
  expect(validate(label(20), 'first line\r\n\tsecond')).toMatchObject({ kind: 'valid' });
});
