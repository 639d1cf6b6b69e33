// Record of what the clients of a run know of each planned order, and their request that is repeated until it is answered.
import { ask, pause, type HttpAnswer } from './http-client';
import type { PlannedOrder, Way } from './plan';

/** A message as it lies among the dead letters. */
export interface Letter {
  readonly messageId: string;
  readonly body: string;
}

/** What became of one planned order, as its clients know it. */
export interface Sent {
  readonly planned: PlannedOrder;
  /** The ways on which it was taken: answered with 2xx, or accepted by the broker. */
  readonly taken: Way[];
  /** The ids it was answered with over HTTP. */
  readonly orderIds: Set<string>;
  /** The statuses by which it was refused over HTTP. */
  readonly refused: number[];
  /** The answers to its cancel, each final. */
  readonly cancels: number[];
  /** The answers to whoever approved or rejected it. */
  readonly approvals: number[];
  /** What was asked for and answered, in the order of the requests. */
  readonly returns: SentReturn[];
  /** Answers that nobody should get. */
  readonly odd: string[];
  /** Whether an operator had to send it again. */
  isTakenUp: boolean;
}

export interface SentReturn {
  readonly number: number;
  /** The answers to its inspection and to its cancel. */
  readonly inspections: number[];
  readonly cancels: number[];
}

export const notSentYet = (planned: PlannedOrder): Sent => ({
  planned,
  ...{ taken: [], orderIds: new Set(), refused: [], cancels: [], approvals: [], returns: [], odd: [] },
  isTakenUp: false,
});

export interface Target {
  /** The URL of the orders. */
  readonly orders: string;
  readonly signal: AbortSignal;
}

export const AGAIN_AFTER_MS = 300;

/** The answer unless the system is away; undefined then, and it is asked again. */
export async function answered(sent: Sent, url: string, init: RequestInit): Promise<HttpAnswer | undefined> {
  const answer = await ask(url, init);
  if (answer?.status !== 503) return answer;
  if (answer.headers.get('retry-after') === null)
    sent.odd.push(`${url} was answered 503 without Retry-After`);
  return undefined;
}

/** The first answer with one of the statuses `final`; undefined when `signal` ends before. Every other answer is odd. */
export async function untilAnswered(
  { orders, signal }: Target,
  sent: Sent,
  path: string,
  init: RequestInit,
  final: readonly number[],
): Promise<HttpAnswer | undefined> {
  while (!signal.aborted) {
    const answer = await answered(sent, `${orders}/${path}`, init);
    if (answer !== undefined && final.includes(answer.status)) return answer;
    if (answer !== undefined)
      sent.odd.push(`${path} was answered ${answer.status} ${JSON.stringify(answer.json)}`);
    await pause(AGAIN_AFTER_MS);
  }
  return undefined;
}
