// Check of an answer of the function host: never a 5xx for bad input, and every refusal of the app a problem document
// (RFC 9457) with a registered code that names what is wrong.
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../../src/errors';
import type { FailureReason } from '../run/target';
import type { Exchanged, RawAnswer } from './raw-http';

/** What the host answers by itself, before the app sees a request: without a body, or as a line of text. */
const HOST_REFUSALS = new Set([400, 404, 405, 408, 414, 417, 431]);

const problem = z.object({
  type: z.string().min(1),
  title: z.string().min(1),
  status: z.number(),
  code: z.string(),
  detail: z.string().min(1),
  correlationId: z.string().min(1),
  errors: z
    .array(z.object({ path: z.string().min(1).or(z.literal('')), message: z.string().min(1) }))
    .optional(),
});

export type Problem = z.infer<typeof problem>;

const REGISTRY = new Map<string, ErrorCode>(Object.entries(ERROR_CODES));

/** The reason on what a request came to; `judge` looks at an answer that is not wrong by itself. */
export function judgeExchange(
  exchanged: Exchanged,
  judge: (answer: RawAnswer, problem: Problem | undefined) => FailureReason,
): FailureReason {
  switch (exchanged.kind) {
    case 'unfinished':
      return undefined;
    case 'silent':
      return 'There was no answer in time.';
    case 'cut':
      return `A whole request got no answer: ${exchanged.why}.`;
    case 'answer':
      return judgeAnswer(exchanged.answer, judge);
  }
}

/**
 * Recorded on the platform: a 500 of the host itself, whatever the request is for, when a declared length is over 100 MB
 * or when a header has a character beyond Latin-1.
 */
export const makesHostFail = (bytes: Buffer): boolean => {
  const head = bytes.subarray(0, 40_000);
  const declared = [...head.toString('latin1').matchAll(/^content-length:\s*(\d+)/gim)];
  const [headers = ''] = head.toString('utf8').split('\r\n\r\n');
  return declared.some(([, length]) => Number(length) > 104_857_600) || BEYOND_LATIN_1.test(headers);
};
const BEYOND_LATIN_1 = /[^\0-\xff]/;

/** A web page of elsewhere that asks this machine: told in a line of text, before the app sees it. */
const isForeign = ({ status, body }: RawAnswer): boolean =>
  status === 403 && body.includes('The Host header ');

function judgeAnswer(
  answer: RawAnswer,
  judge: (answer: RawAnswer, problem: Problem | undefined) => FailureReason,
): FailureReason {
  const { status, headers, body } = answer;
  const shown = `${status} ${body.slice(0, 300)}`;
  const isOurs = headers.has('x-correlation-id');
  if (!isOurs && status >= 400 && !HOST_REFUSALS.has(status) && !isForeign(answer))
    return `The host answered ${shown}`;
  if (!isOurs || status < 400) return judge(answer, undefined);
  if (headers.get('content-type') !== 'application/problem+json') return `No problem document: ${shown}`;
  const parsed = problem.safeParse(parseJson(body));
  if (!parsed.success) return `A wrong problem document: ${shown}`;
  const { code, correlationId, errors } = parsed.data;
  const registered = REGISTRY.get(code);
  if (registered?.status !== status || parsed.data.status !== status) return `Not as registered: ${shown}`;
  if (correlationId !== headers.get('x-correlation-id')) return `Another correlation id: ${shown}`;
  if (code === 'VALIDATION_FAILED' && (errors ?? []).length === 0) return `No field is named: ${shown}`;
  if (status >= 500 && code !== 'READ_MODEL_BEHIND') return `The app answered ${shown}`;
  return judge(answer, parsed.data);
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
