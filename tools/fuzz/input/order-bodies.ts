// Generators of bodies of orders: valid ones, valid ones with exactly one thing wrong (and its path), JSON in the
// shape of an order, and JSON texts that are hard to parse.
import fc from 'fast-check';

export interface OrderText {
  readonly text: string;
  /** The path that must be refused; undefined when it may be an order. */
  readonly wrong?: string;
}

/** Strings that are still names and ids of products to the app, though not all of them: other scripts, quotes, SQL. */
const ODD_TEXTS = [
  'a',
  '🦄',
  '‮abc',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'toString',
  'null',
  '..',
  '../../etc/passwd',
  '%00',
  '%2F',
  'a/b?c#d',
  'é'.repeat(100),
  '\u00a0x\u00a0y',
  '\u2028',
  '{{7*7}}',
  '${x}',
  'a\\b"c',
];
const text = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
);
const name = text.filter((value) => value.trim() !== '');
const identifier = text.filter(
  (value) =>
    value.trim() === value && value !== '' && value.length <= 128 && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value),
);
/** Text that was cut may end in half of a character, which is no text to the app. */
const isWhole = (value: string): boolean => !/\p{Cs}/u.test(value);
/** Never one that the simulators give a meaning to: those orders would rightly fail. */
const customerId = fc
  .oneof(
    fc.constantFrom('a', '__proto__', 'constructor', '...', '~', 'a:b'),
    fc.stringMatching(/^[\w.:~-]{1,64}$/),
  )
  .filter((id) => id !== '.' && id !== '..' && !/^(?:declined-|noship-|norefund-)/.test(id));

const items = fc.uniqueArray(
  fc.record({
    productId: identifier.map((id) => `fuzz-${id}`.slice(0, 128).trim()).filter(isWhole),
    productName: name,
    quantity: fc.integer({ min: 1, max: 10_000 }),
    unitPrice: fc
      .oneof(fc.integer({ min: 0, max: 5_000_000 }), fc.constantFrom(0, 1, 100_000_000))
      .map((cents) => cents / 100),
    kind: fc.constantFrom('physical', 'digital'),
  }),
  { minLength: 1, maxLength: 4, selector: ({ productId }) => productId },
);

/** What may be ordered. */
const validOrder = fc.record(
  {
    customerId,
    items,
    currency: fc.constantFrom('USD', 'EUR'),
    couponCode: name
      .map((value) => value.slice(0, 32))
      .filter((value) => value.trim() !== '' && isWhole(value)),
    payments: fc.constantFrom([{ method: 'card' }], [{ method: 'card', token: 'tok_fuzz' }]),
    shippingAddress: fc.record(
      {
        name,
        line1: name,
        line2: name,
        city: name,
        postalCode: fc.constantFrom('1', 'SW1A 1AA'),
        country: fc.constantFrom('DE', 'ZZ'),
      },
      { requiredKeys: ['name', 'line1', 'city', 'postalCode', 'country'] },
    ),
    notBefore: fc.constantFrom(
      '2020-01-01T00:00:00Z',
      '2024-02-29T23:59:59.999+14:00',
      '0001-01-01T00:00:00Z',
    ),
  },
  { requiredKeys: ['customerId', 'items'] },
);

type Path = readonly (string | number)[];

/** What is wrong at a place whatever the rest of the order is. */
const WRONG: readonly (readonly [Path, readonly unknown[]])[] = [
  [
    ['customerId'],
    [
      ...[undefined, null, '', ' ', 'a ', '\udfffa', '\0', 'a\nb', 'x'.repeat(65), 1, true, {}, []],
      ...['.', '..', 'a/b', 'a%2Fb', 'a@b.c', '🦄', 'é'],
    ],
  ],
  [['items'], [undefined, null, [], {}, 'x', 1]],
  [
    ['items', 0],
    [null, 1, 'x', []],
  ],
  [
    ['items', 0, 'productId'],
    [undefined, null, '', ' ', '\x7f', 'x\ud800', 'a\u2028b', 'x'.repeat(129), 0, {}],
  ],
  [
    ['items', 0, 'productName'],
    [undefined, null, '', '  ', 'x\udfff', 'x'.repeat(201), 5],
  ],
  [
    ['items', 0, 'quantity'],
    [undefined, null, 0, -1, 1.5, 10_001, 1e308, '1', Number.MIN_VALUE, 2 ** 53],
  ],
  [
    ['items', 0, 'unitPrice'],
    [undefined, null, -0.01, 1e9, 1e308, '1', 1.005, 1e-7, true],
  ],
  [['items', 0, 'extra'], [1]],
  [['items', 0, 'unitPriceMinor'], [1]],
  [['currency'], [null, '', 'usd', 'US', 'XXXX', 1, '__proto__', 'constructor']],
  [['couponCode'], [null, '', ' ', 'x'.repeat(65), 1]],
  [
    ['payments'],
    [
      ...[
        null,
        [],
        {},
        'x',
        [{}],
        [{ method: '' }],
        [{ method: 'card', amount: 0 }],
        [{ method: 'card', amount: '1' }],
      ],
      ...[
        [{ method: 'card', token: '' }],
        [{ method: 'card', token: 'a b' }],
        [{ method: 'card', token: 'x'.repeat(257) }],
      ],
      ...[
        [{ method: 'card' }, { method: 'card' }],
        [{ method: 'card', amount: 1e10 }, { method: 'card' }],
      ],
    ],
  ],
  [['shippingAddress'], [null, [], 'x', 1]],
  [
    ['shippingAddress', 'country'],
    [undefined, 'de', 'DEU', '', 1],
  ],
  [['notBefore'], [null, '', 'now', '2026-13-01T00:00:00Z', '2026-01-01', '2026-02-30T00:00:00Z', 1]],
  [['status'], ['completed']],
  [['constructor'], [{}]],
  [['tenantId'], ['other']],
  [['\0'], [1]],
];

const wrongPart = fc
  .constantFrom(...WRONG)
  .chain(([path, values]) => fc.constantFrom(...values).map((value) => ({ path, value })));

/** A valid order with one place made wrong; the refusal must name it (or what it stands in). */
const brokenOrder: fc.Arbitrary<OrderText> = fc
  .tuple(validOrder, wrongPart)
  .map(([order, { path, value }]) => {
    const whole = {
      shippingAddress: { name: 'n', line1: 'l', city: 'c', postalCode: 'p', country: 'DE' },
      ...order,
    };
    const broken = placed(whole, path, value);
    return { text: JSON.stringify(broken), wrong: pathText(path) };
  });

function placed(into: unknown, [first, ...rest]: Path, value: unknown): unknown {
  if (first === undefined) return value;
  if (Array.isArray(into)) {
    return into.map((item: unknown, at) => (at === first ? placed(item, rest, value) : item));
  }
  const object = into as Record<string, unknown>;
  return { ...object, [first]: placed(object[first], rest, value) };
}

const pathText = (path: Path): string =>
  path.reduce<string>(
    (said, part) => (typeof part === 'number' ? `${said}[${part}]` : said === '' ? part : `${said}.${part}`),
    '',
  );

const FIELDS = [
  'customerId',
  'items',
  'productId',
  'quantity',
  'unitPrice',
  'payments',
  'currency',
  '__proto__',
  'constructor',
  'toString',
  '',
];

/** JSON of any shape, with an order's words for names. */
const orderLike = fc
  .letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(fc.constantFrom<unknown>(null, true, 0, -0, 1e308, -1, 0.1, 2 ** 53), text),
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .array(fc.tuple(fc.constantFrom(...FIELDS), tie('value')), { maxLength: 5 })
        .map((entries) => Object.fromEntries(entries)),
    ),
  }))
  .value.map((value): OrderText => ({ text: JSON.stringify(value) }));

const LINE = '{"productId":"fuzz-1","productName":"n","quantity":1,"unitPrice":1}';
const deep = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);

/** Texts that JSON parsers disagree about, and some that are too much. */
const TEXTS: readonly string[] = [
  '',
  ' ',
  'null',
  'true',
  '0',
  '"x"',
  '[]',
  '{}',
  '{',
  '[[[',
  '\ufeff{}',
  'NaN',
  '1e999',
  '-0',
  '01',
  '{"a":1,}',
  "{'customerId':'c'}",
  '{"customerId":"c","customerId":"d","items":[]}',
  `{"customerId":"fuzz-twice","items":[${LINE}],"items":[]}`,
  `{"customerId":"c","items":[{"productId":"p","productName":"n","quantity":1e400,"unitPrice":1}]}`,
  `{"customerId":"c","items":[{"productId":"p","productName":"n","quantity":1,"unitPrice":${'9'.repeat(400)}}]}`,
  `{"customerId":"c","items":[{"productId":"p","productName":"n","quantity":1,"unitPrice":0.${'0'.repeat(400)}1}]}`,
  `{"customerId":"c","items":[],"__proto__":{"polluted":true}}`,
  `{"__proto__":{"customerId":"c","items":[${LINE}]}}`,
  `{"customerId":"\\u0000","items":[${LINE}]}`,
  `{"customerId":"c","items":[${LINE},${LINE}]}`,
  `{"customerId":"c","items":[${Array.from({ length: 1_001 }, () => '1').join()}]}`,
  `{"customerId":"c","items":[${Array.from({ length: 1_000 }, () => '{}').join()}]}`,
  deep('[', ']', 50_000),
  deep('{"a":', '}', 20_000),
  `{"customerId":"c","items":${deep('[', ']', 30_000)}}`,
  `{"customerId":${deep('{"customerId":', '}', 20_000).replace('{}', '{"a":1}')},"items":[]}`,
  `{"customerId":"c","items":[],${Array.from({ length: 5_000 }, (_, at) => `"k${at}":1`).join()}}`,
  `{"customerId":"${'x'.repeat(899_000)}"}`,
  `{"customerId":"${'x'.repeat(950_000)}"}`,
  '"\\ud800"',
  '\u2028',
];

/** Every kind of body, as its text. */
export const orderTexts: fc.Arbitrary<OrderText> = fc.oneof(
  { weight: 3, arbitrary: validOrder.map((order): OrderText => ({ text: JSON.stringify(order) })) },
  { weight: 6, arbitrary: brokenOrder },
  { weight: 4, arbitrary: orderLike },
  { weight: 2, arbitrary: fc.constantFrom(...TEXTS).map((value): OrderText => ({ text: value })) },
  {
    weight: 1,
    arbitrary: fc.string({ maxLength: 60, unit: 'binary' }).map((value): OrderText => ({ text: value })),
  },
);
