// One request and its whole answer as text over undici's lowest public layer. The layers above it (streams, async
// resources) cost more per call than the services themselves; an order makes a dozen calls. Knows no service.
import type { Dispatcher } from 'undici';

export interface HttpRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Ends the exchange: it rejects with the signal's reason, and what was not sent yet is not sent. */
  readonly signal?: AbortSignal | undefined;
  /** Ends it in the same way after so long, with an ExchangeTimeout. */
  readonly timeoutMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name; of a header that came more than once, the first. */
  readonly headers: Record<string, string>;
  readonly text: string;
}

export class ExchangeTimeout extends Error {
  override readonly name = 'ExchangeTimeout';
}

/** Resolves with whatever was answered; rejects with undici's error, by whose `code` callers tell what happened. */
export function exchange(dispatcher: Dispatcher, request: HttpRequest): Promise<HttpAnswer> {
  const { method, headers, body, signal, timeoutMs } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    let running: Dispatcher.DispatchController | undefined;
    let ended: Error | undefined;
    const end = (reason: Error): void => {
      ended = reason;
      settled();
      running?.abort(reason);
      reject(reason);
    };
    const onAbort = (): void => end(signal?.reason as Error);
    const onTimeout = (): void => end(new ExchangeTimeout(`no answer within ${timeoutMs} ms`));
    signal?.addEventListener('abort', onAbort);
    const timer = timeoutMs === undefined ? undefined : setTimeout(onTimeout, timeoutMs);
    const settled = (): void => {
      signal?.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    };
    let answer: Omit<HttpAnswer, 'text'> = { status: 0, headers: {} };
    const chunks: Buffer[] = [];
    dispatcher.dispatch(
      { ...placeOf(request.url), method, headers, body },
      {
        onRequestStart(controller) {
          running = controller;
          // It stood in the queue of a connection until now.
          if (ended !== undefined) controller.abort(ended);
        },
        onResponseStart(_, status, received) {
          answer = { status, headers: firstValues(received) };
        },
        onResponseData(_, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          settled();
          resolve({ ...answer, text: textOf(chunks) });
        },
        onResponseError(_, error) {
          settled();
          reject(error);
        },
      },
    );
  });
}

/** Most answers come in one piece, which need not be copied. */
function textOf(chunks: readonly Buffer[]): string {
  const [only = Buffer.alloc(0)] = chunks;
  return (chunks.length > 1 ? Buffer.concat(chunks) : only).toString('utf8');
}

/** Without parsing: URLs are made by this app or by an SDK. */
function placeOf(url: string): { origin: string; path: string } {
  const slash = url.indexOf('/', url.indexOf('//') + 2);
  return slash < 0 ? { origin: url, path: '/' } : { origin: url.slice(0, slash), path: url.slice(slash) };
}

function firstValues(
  received: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in received) {
    const value = received[name];
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) headers[name] = first;
  }
  return headers;
}
