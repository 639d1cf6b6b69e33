// Waits until the app says that it can take an order.
import { get } from 'node:http';
import type { Clock } from '../clock';

const EVERY_MS = 20;
const ANSWER_WITHIN_MS = 2_000;
const SAY_AFTER_MS = 10_000;

export interface HealthWait {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Resolves when `url` answers 200 or `signal` aborts; says once, after ten seconds, what it answers instead. */
export async function awaitHealthy(url: string, { clock, signal, print }: HealthWait): Promise<void> {
  const sayAtMs = clock.now() + SAY_AFTER_MS;
  let said = false;
  while (!signal.aborted) {
    const answer = await probe(url);
    if (answer === '200') return;
    if (!said && clock.now() >= sayAtMs) {
      said = true;
      print(`Still waiting for ${url}, which says: ${answer}. Ready follows when it answers 200.`);
    }
    await new Promise<void>((resolve) => clock.alarm(clock.now() + EVERY_MS, resolve));
  }
}

/** The status code, with the start of the body unless it is 200, or why there is no answer. */
function probe(url: string): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: ANSWER_WITHIN_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body = `${body}${chunk}`.slice(0, 500)));
      response.on('end', () => {
        const status = String(response.statusCode);
        resolve(status === '200' ? status : `${status} ${body}`);
      });
      response.on('error', (error) => resolve(error.message));
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`)));
    request.on('error', (error) => resolve(error.message));
  });
}
