// Generators of wrong headers and query strings. Values are latin1: one character is one byte on the wire.
import fc from 'fast-check';

type Header = readonly [string, string];

const headerText = fc.oneof(
  fc.string({ maxLength: 30, unit: 'grapheme-ascii' }),
  fc
    .array(fc.integer({ min: 1, max: 255 }), { maxLength: 20 })
    .map((codes) => String.fromCharCode(...codes).replace(/[\r\n]/g, '')),
  fc.constantFrom('', ' ', 'x'.repeat(129), 'x'.repeat(5_000), 'é', '\t', ',', '"', '0', '%00'),
);

/** Names that mean something to the app or to the host, with any value; some decide how the body is framed. */
const telling: fc.Arbitrary<Header> = fc.tuple(
  fc.constantFrom(
    'Idempotency-Key',
    'X-Correlation-Id',
    'traceparent',
    'Authorization',
    'Accept',
    'Content-Encoding',
    'X-HTTP-Method-Override',
    'x-ms-client-principal',
    'Cookie',
    'Set-Cookie',
    '__proto__',
    'X-Forwarded-Host',
    'Range',
    'If-Match',
  ),
  headerText,
);

const FRAMING: readonly Header[] = [
  ['Content-Length', '0'],
  ['Content-Length', '1'],
  ['Content-Length', '-1'],
  ['Content-Length', '99999999999999999999'],
  ['Content-Length', '104857601'],
  ['Content-Length', '0x10'],
  ['Content-Length', '5, 5'],
  ['Transfer-Encoding', 'chunked'],
  ['Transfer-Encoding', 'gzip, chunked'],
  ['Transfer-Encoding', 'identity'],
  ['Expect', '100-continue'],
  ['Expect', 'the-unexpected'],
  ['Upgrade', 'h2c'],
  ['Upgrade', 'websocket'],
  ['Connection', 'keep-alive, upgrade'],
  ['Host', ''],
  ['Host', 'a b'],
  ['Host', '[::1'],
  ['Host', 'example.com:99999'],
  ['Trailer', 'Content-Length'],
];

const some: fc.Arbitrary<readonly Header[]> = fc.array(telling, { maxLength: 4 });

/** Mostly none or a few; now and then one that breaks the framing, or very many. */
export const oddHeaders: fc.Arbitrary<readonly Header[]> = fc.oneof(
  { weight: 8, arbitrary: fc.constant([]) },
  { weight: 6, arbitrary: some },
  {
    weight: 2,
    arbitrary: fc.tuple(some, fc.constantFrom(...FRAMING)).map(([more, framing]) => [...more, framing]),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 50, max: 2_100 })
      .map((count) => Array.from({ length: count }, (_, at): Header => [`x-${at}`, 'y'])),
  },
);

/** As it stands in a request target: whatever is not plain is escaped, well or badly. */
const queryText = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '1',
    '2',
    '-1',
    '1.5',
    '1e3',
    'NaN',
    'true',
    '%',
    '%zz',
    '%00',
    '%ff',
    '+',
    '%F0%9F%A6%84',
    '9'.repeat(30),
  ),
  fc.string({ maxLength: 12, unit: 'binary' }).map(encodeURIComponent),
);

/** A query string with the `names` that an endpoint knows, and with others. */
export const oddQuery = (names: readonly string[], values: readonly string[]): fc.Arbitrary<string> => {
  const pair = fc.tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...names) },
      { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', '', 'x%00', 'code') },
    ),
    fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: queryText }),
  );
  return fc
    .array(pair, { maxLength: 4 })
    .map((pairs) =>
      pairs.length === 0 ? '' : `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`,
    );
};
