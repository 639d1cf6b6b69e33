import fc from 'fast-check';
import { textData } from '../../src/host/text-data';

/** As `fromRpcTypedData` of @azure/functions reads it. */
function read({ string, json }: { readonly string?: string | null; readonly json?: string | null }): unknown {
  if (typeof json === 'string') return JSON.parse(json);
  try {
    return JSON.parse(string ?? '');
  } catch {
    return string;
  }
}

const asString = (text: string): unknown => read({ string: text });

test.each([
  'b1f5c9ca-0b6e-4f7e-9d4c-2f1d0a4b7c11',
  '7e5',
  '7e5a0000',
  '12',
  '-',
  '-0.5e-3',
  '01',
  '2026-11-21T18:30:00.000Z',
  'true',
  ' null\n',
  'nullable',
  '{"a":1}',
  '{',
  '"text"',
  '',
  '\ufefftrue',
])('%j reaches a function as the platform hands it over', (text) => {
  expect(read(textData(text))).toEqual(asString(text));
});

test('any text, and any JSON with space around it, reaches a function as the platform hands it over', () => {
  const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r') });
  const json = fc.tuple(space, fc.json(), space).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), json), (text) => {
      expect(read(textData(text))).toEqual(asString(text));
    }),
  );
});

test('an id is handed over as JSON, so that reading it throws nothing', () => {
  expect(textData('b1f5c9ca-0b6e-4f7e-9d4c-2f1d0a4b7c11')).toHaveProperty('json');
});
