// What an edited body of a dead letter stands for where its redaction was left.
import fc from 'fast-check';
import { PERSONAL_FIELDS } from '../../../src/domain/personal-data';
import { REDACTED, redactedJson } from '../../../src/domain/redaction';
import { restoredBody } from '../../../src/operations/restored-body';

const ORDER = {
  customerId: 'cust-1',
  items: [{ productId: 'prod-001', productName: 'Lamp', quantity: 2, unitPrice: 49.99 }],
  payments: [{ method: 'card', token: 'tok_secret' }],
  shippingAddress: { name: 'Jo', line1: 'Long Street 1', city: 'Bonn', postalCode: '53111', country: 'DE' },
  contact: { email: 'jo@example.com', phone: '+49 170 1' },
};
const text = JSON.stringify(ORDER);

test('a redaction that is left stands for what the letter has there, beside what was changed', () => {
  expect(redactedJson(text)).not.toMatch(/tok_secret|Street|jo@example|170/);
  const edited = { ...(JSON.parse(redactedJson(text)) as object), customerId: 'cust-2' };
  expect(restoredBody(edited, text)).toEqual({ kind: 'restored', body: { ...ORDER, customerId: 'cust-2' } });
});

test('a redaction where the letter has nothing is refused by its path', () => {
  const edited = {
    contact: REDACTED,
    payments: [{ token: REDACTED }, { token: REDACTED }],
    toString: REDACTED,
  };
  const paths = (letter: string | undefined): unknown => {
    const result = restoredBody(edited, letter);
    return result.kind === 'nothingThere' && result.errors.map(({ path }) => path);
  };
  expect(paths(JSON.stringify({ payments: [{ token: 't' }, {}] }))).toEqual([
    'contact',
    'payments[1].token',
    'toString',
  ]);
  const all = ['contact', 'payments[0].token', 'payments[1].token', 'toString'];
  expect([paths('no JSON'), paths('null'), paths(undefined)]).toEqual([all, all, all]);
});

test('a redaction in a list that became shorter or longer is refused: it could be the value of another entry', () => {
  const letter = JSON.stringify({ payments: [{ token: 'of-card' }, { token: 'of-gift-card' }] });
  const payments = [{ token: REDACTED }];
  expect(restoredBody({ payments }, letter)).toMatchObject({ errors: [{ path: 'payments[0].token' }] });
  expect(restoredBody({ payments: [{ token: 'new' }, {}, ...payments] }, letter)).toMatchObject({
    errors: [{ path: 'payments[2].token' }],
  });
  const given = { payments: [{ token: 'new' }] };
  expect(restoredBody(given, letter)).toEqual({ kind: 'restored', body: given });
});

test('a body that is nested too deeply is refused, however deep', () => {
  const nested = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as unknown;
  expect(restoredBody({ a: nested }, '{}')).toMatchObject({
    kind: 'nothingThere',
    errors: [{ message: 'must be nested at most 100 levels deep' }],
  });
});

test('any body comes back from its redacted form', () => {
  const keys = fc.oneof(fc.string(), fc.constantFrom(...PERSONAL_FIELDS));
  fc.assert(
    fc.property(
      fc.dictionary(keys, fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue()))),
      (body) => {
        const sent = JSON.stringify(body);
        const result = restoredBody(JSON.parse(redactedJson(sent)), sent);
        expect(result).toEqual({ kind: 'restored', body: JSON.parse(sent) as unknown });
      },
    ),
  );
});
