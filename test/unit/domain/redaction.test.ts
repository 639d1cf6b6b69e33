// Redaction by the one list of personal fields, and of what a service repeats.
import { PERSONAL_FIELDS } from '../../../src/domain/personal-data';
import { REDACTED, redacted, redactedJson, withoutEcho, withoutValues } from '../../../src/domain/redaction';
import { jsonFault } from '../../../src/validation';
import { invocationLog } from '../../../src/telemetry/invocation-log';

const MARK = 'Planted';
const everywhere = Object.fromEntries(PERSONAL_FIELDS.map((name) => [name, MARK]));

test.each<[string, unknown]>([
  ['at the top', everywhere],
  ['in a list', [{ payments: [everywhere] }]],
  ['at depth', { a: { b: { c: everywhere, d: 1 } } }],
])('every personal field %s is redacted, by its name', (_, value) => {
  expect(JSON.stringify(redacted(value))).not.toContain(MARK);
  expect(JSON.stringify(redacted(value))).toContain(REDACTED);
});

test('a log line holds no personal field, whoever writes it', () => {
  const lines: string[] = [];
  const sink = {
    info: (line: string) => void lines.push(line),
    warn: () => undefined,
    error: () => undefined,
  };
  invocationLog(sink).info('saga step', { orderId: 'o-1', ...everywhere });
  expect(lines.join()).not.toContain(MARK);
  expect(lines.join()).toContain('o-1');
});

test('of a text that is no JSON nothing is shown', () => {
  expect(redactedJson(`{"email": ${MARK}`)).toBe(REDACTED);
  expect(redactedJson('{"quantity":1}')).toContain('quantity');
});

test.each([
  JSON.stringify(JSON.stringify(everywhere)),
  JSON.stringify(MARK),
  JSON.stringify({ order: JSON.stringify(everywhere) }),
  JSON.stringify([JSON.stringify(JSON.stringify({ a: [everywhere] }))]),
  JSON.stringify({ order: `{"a":${'['.repeat(50_000)}"${MARK}"${']'.repeat(50_000)}}` }),
])('of JSON that stands in a text as JSON no personal field is shown (%#)', (text) => {
  expect(redactedJson(text)).not.toContain(MARK);
  expect(redactedJson(text)).toContain(REDACTED);
});

test('a personal field is known however its name is written', () => {
  const names = ['Email', 'SHIPPING_ADDRESS', 'shipping-address', 'postal_code', 'Postal Code'];
  const shown = redacted(Object.fromEntries(names.map((name) => [name, MARK])));
  expect(shown).toEqual(Object.fromEntries(names.map((name) => [name, REDACTED])));
});

test('texts that only look like JSON, and JSON without personal fields, stay as they are', () => {
  const texts = { a: '[x] failed', b: '{"quantity":1}', c: '"quoted" words', d: '{' };
  expect(redacted(texts)).toEqual(texts);
});

test('what is wrong with a text that is no JSON shows no piece of it', () => {
  for (const text of [`{"city": ${MARK}`, `{"a":"${MARK}`, MARK, `["${MARK}",]`, `{"a":1} ${MARK}`]) {
    try {
      JSON.parse(text);
      throw new Error('it is JSON');
    } catch (error) {
      expect(jsonFault(error)).not.toContain(MARK);
      expect(jsonFault(error)).not.toBe('');
    }
  }
});

test('a reason that repeats what the service was told is stored without it', () => {
  const refused = { kind: 'refused', detailCode: 'X', reason: `No such street: ${MARK} 1` } as const;
  const transient = { kind: 'transient', outage: null, error: { code: 'X', message: `${MARK}?` } } as const;
  expect(JSON.stringify([refused, transient].map((outcome) => withoutEcho(outcome, [MARK])))).not.toContain(
    MARK,
  );
  expect(withoutValues('in DE', ['DE'])).toBe('in DE');
});
