// Target: POST /api/orders with bodies, headers, keys, types, lengths, encodings. A success must be an order; a
// refusal must say why, and where.
import fc from 'fast-check';
import { ROUTES } from '../../../src/functions/routes/routes';
import { byteEdits } from '../input/byte-edits';
import { oddHeaders } from '../input/headers';
import { orderTexts, type OrderText } from '../input/order-bodies';
import { queryOf } from '../input/route-calls';
import { noteTaken, type Tally } from '../run/tally';
import { createTarget, type Target, type FailureReason } from '../run/target';
import { makesHostFail, judgeExchange, parseJson, type Problem } from '../wire/app-answer';
import { bytesOf, isDamaged, shownBytes, type HttpInput } from '../wire/http-input';
import { exchange, type RawAnswer } from '../wire/raw-http';

interface PostInput extends HttpInput {
  readonly wrong: OrderText['wrong'];
}

const contentTypes = fc.oneof(
  { weight: 12, arbitrary: fc.constant('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
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
);

const keys = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.string({ maxLength: 8, unit: 'grapheme-ascii' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', ' ', 'k'.repeat(128), 'k'.repeat(129), '\x7f', 'é', '__proto__'),
  },
);

const headers = fc
  .tuple(contentTypes, keys, oddHeaders)
  .map(([type, key, more]): HttpInput['headers'] => [
    ['Content-Type', type],
    ...(key === undefined ? [] : [['Idempotency-Key', key] as const]),
    ...more,
  ]);

const query = fc.oneof(
  { weight: 5, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: queryOf(ROUTES.CreateOrder) },
);

const inputs: fc.Arbitrary<PostInput> = fc
  .record({ order: orderTexts, query, headers, bodyEdits: byteEdits(true), wireEdits: byteEdits(true) })
  .map(({ order, query: asked, ...rest }) => ({
    ...rest,
    method: 'POST',
    target: `/api/orders${asked}`,
    body: order.text,
    wrong: order.wrong,
  }));

/** The target; what it places goes into `tally`. */
export function postTarget(api: string, tally: Tally): Target {
  return createTarget<PostInput>({
    name: 'post',
    share: 25,
    lanes: 2,
    inputs,
    show: (input) => shownBytes(bytesOf(input, api)),
    async send(input) {
      const bytes = bytesOf(input, api);
      const exchanged = await exchange(api, bytes);
      if (makesHostFail(bytes)) return undefined;
      return judgeExchange(exchanged, (answer, problem) => judge(input, answer, problem, tally));
    },
  });
}

const ORDER_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function judge(
  input: PostInput,
  answer: RawAnswer,
  problem: Problem | undefined,
  tally: Tally,
): FailureReason {
  if (answer.headers.has('x-correlation-id') && answer.status < 300) return taken(input, answer.body, tally);
  const { wrong } = input;
  if (isDamaged(input) || wrong === undefined || problem?.code !== 'VALIDATION_FAILED') return undefined;
  const named = (problem.errors ?? []).map(({ path }) => path);
  const isNamed = named.some((path) => path.startsWith(wrong));
  // A header or a parameter that is wrong as well is reported first.
  const isElsewhere = named.every((path) => path === 'Idempotency-Key' || path === 'wait');
  return isNamed || isElsewhere ? undefined : `${wrong} is wrong, but the answer names ${named.join()}`;
}

function taken(input: PostInput, body: string, tally: Tally): FailureReason {
  const { id } = (parseJson(body) ?? {}) as { id?: unknown };
  if (typeof id !== 'string' || !ORDER_ID.test(id)) return `A success without an order: ${body}`;
  tally.orders.add(id);
  noteTaken(tally, 'post');
  if (isDamaged(input) || input.wrong === undefined) return undefined;
  return `Taken, though ${input.wrong} is wrong: order ${id}`;
}
