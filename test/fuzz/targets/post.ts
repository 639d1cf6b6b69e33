// POST /api/orders: bodies, headers, keys, types, lengths, encodings. Whatever is answered with a success must be an
// order; whatever is refused must say why, and where.
import fc from 'fast-check';
import { byteEdits, edited, type ByteEdit } from '../input/byte-edits';
import { oddHeaders, oddQuery } from '../input/headers';
import { orderTexts, type OrderText } from '../input/order-bodies';
import { noteTaken, type Tally } from '../run/tally';
import { createTarget, type Target, type Verdict } from '../run/target';
import { declaresTooMuch, judgeExchange, parseJson, type Problem } from '../wire/app-answer';
import { exchange, requestBytes, type RawAnswer } from '../wire/raw-http';

interface PostInput {
  readonly order: OrderText;
  readonly query: string;
  readonly key: string | undefined;
  readonly contentType: string | undefined;
  readonly headers: readonly (readonly [string, string])[];
  /** Damage to the body, before its length is taken; and to the whole request, after. */
  readonly bodyEdits: readonly ByteEdit[];
  readonly wireEdits: readonly ByteEdit[];
}

const JSON_TYPE = 'application/json';

const inputs: fc.Arbitrary<PostInput> = fc.record({
  order: orderTexts,
  query: fc.oneof(
    { weight: 5, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: oddQuery(['wait'], ['1', '2', '0', '61', '1.5', '٣']) },
  ),
  key: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.string({ maxLength: 8, unit: 'grapheme-ascii' }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', ' ', 'k'.repeat(128), 'k'.repeat(129), '\x7f', 'é', '__proto__'),
    },
  ),
  contentType: fc.oneof(
    { weight: 12, arbitrary: fc.constant(JSON_TYPE) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        undefined,
        '',
        'text/plain',
        'application/json; charset=utf-16',
        'APPLICATION/JSON;',
        'application/jsonx',
        ';',
        'application/json, text/plain',
        'multipart/form-data; boundary=x',
      ),
    },
  ),
  headers: oddHeaders,
  bodyEdits: byteEdits(true),
  wireEdits: byteEdits(true),
});

/** The target; what it places goes into `tally`. */
export function postTarget(api: string, tally: Tally): Target {
  return createTarget<PostInput>({
    name: 'post',
    share: 30,
    lanes: 2,
    inputs,
    show: (input) => JSON.stringify(bytesOf(input, api).toString('latin1')).slice(0, 4_000),
    async send(input) {
      const bytes = bytesOf(input, api);
      const exchanged = await exchange(api, bytes);
      if (declaresTooMuch(bytes)) return undefined;
      return judgeExchange(exchanged, (answer, problem) => judge(input, answer, problem, tally));
    },
  });
}

function bytesOf(
  { order, query, key, contentType, headers, bodyEdits, wireEdits }: PostInput,
  api: string,
): Buffer {
  const request = {
    method: 'POST',
    target: `/api/orders${query}`,
    headers: [
      ...(contentType === undefined ? [] : [['Content-Type', contentType] as const]),
      ...(key === undefined ? [] : [['Idempotency-Key', key] as const]),
      ...headers,
    ],
    body: edited(Buffer.from(order.text), bodyEdits),
  };
  return edited(requestBytes(request, new URL(api).host), wireEdits);
}

const ORDER_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function judge(input: PostInput, answer: RawAnswer, problem: Problem | undefined, tally: Tally): Verdict {
  const isOurs = answer.headers.has('x-correlation-id');
  const { wrong } = input.order;
  const asMeant = input.bodyEdits.length + input.wireEdits.length === 0;
  if (isOurs && answer.status < 300) {
    const { id } = (parseJson(answer.body) ?? {}) as { id?: unknown };
    if (typeof id !== 'string' || !ORDER_ID.test(id)) return `A success without an order: ${answer.body}`;
    tally.orders.add(id);
    noteTaken(tally, 'post');
    return wrong !== undefined && asMeant ? `Taken, though ${wrong.join()} is wrong: order ${id}` : undefined;
  }
  if (!asMeant || wrong === undefined || problem?.code !== 'VALIDATION_FAILED') return undefined;
  const named = (problem.errors ?? []).map(({ path }) => path);
  const isNamed = named.some((path) => wrong.some((expected) => path.startsWith(expected)));
  // A header or a parameter that is wrong as well is told first.
  const isElsewhere = named.every((path) => path === 'Idempotency-Key' || path === 'wait');
  return isNamed || isElsewhere
    ? undefined
    : `${wrong.join()} is wrong, but the answer names ${named.join()}`;
}
