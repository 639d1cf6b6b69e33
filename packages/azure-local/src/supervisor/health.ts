// Waits until the app's health answers that it can take an order. An app without `/api/health` is ready as soon as the
// host serves it.
import { get } from 'node:http';
import type { Clock } from '../kit/clock';

const EVERY_MS = 20;
/** The first question; each that gets no answer is followed by one with twice the time. */
const ANSWER_WITHIN_MS = 2_000;
/** An app with more to do than the machine can take answers late: asking anew all the time would never hear it. */
const ANSWER_WITHIN_AT_MOST_MS = 32_000;
const SAY_AFTER_MS = 10_000;

export interface HealthWait {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/**
 * Resolves when `url` answers 200, or 404 because the app has no such function, or `signal` aborts; says once, after ten
 * seconds, what it answers instead.
 */
export async function awaitHealthy(url: string, { clock, signal, print }: HealthWait): Promise<void> {
  const sayAtMs = clock.now() + SAY_AFTER_MS;
  let said = false;
  let withinMs = ANSWER_WITHIN_MS;
  while (!signal.aborted) {
    const answer = await probe(url, withinMs);
    if (answer === '200' || answer === NO_FUNCTION) return;
    if (answer === noAnswer(withinMs)) withinMs = Math.min(2 * withinMs, ANSWER_WITHIN_AT_MOST_MS);
    if (!said && clock.now() >= sayAtMs) {
      said = true;
      print(`Still waiting for ${url}, which says: ${answer}. Ready follows when it answers 200.`);
    }
    await new Promise<void>((resolve) => clock.alarm(clock.now() + EVERY_MS, resolve));
  }
}

/** The status code, with the start of the body unless it is 200, or why there is no answer. */
function probe(url: string, withinMs: number): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: withinMs }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body = `${body}${chunk}`.slice(0, 500)));
      response.on('end', () => {
        const status = String(response.statusCode);
        resolve(status === '200' ? status : `${status} ${body}`);
      });
      response.on('error', (error) => resolve(error.message));
    });
    request.on('timeout', () => request.destroy(new Error(noAnswer(withinMs))));
    request.on('error', (error) => resolve(error.message));
  });
}

/** The host's own 404 has no body. */
const NO_FUNCTION = '404 ';

const noAnswer = (withinMs: number): string => `no answer within ${withinMs / 1000} s`;
