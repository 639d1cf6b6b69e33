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
}

export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name; of a header that came more than once, the first. */
  readonly headers: Record<string, string>;
  readonly text: string;
}

/** Resolves with whatever was answered; rejects with undici's error, by whose `code` callers tell what happened. */
export function exchange(dispatcher: Dispatcher, request: HttpRequest): Promise<HttpAnswer> {
  const { method, headers, body, signal } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    let running: Dispatcher.DispatchController | undefined;
    const onAbort = (): void => {
      const reason = signal?.reason as Error;
      running?.abort(reason);
      reject(reason);
    };
    const settled = (): void => signal?.removeEventListener('abort', onAbort);
    signal?.addEventListener('abort', onAbort);
    let answer: Omit<HttpAnswer, 'text'> = { status: 0, headers: {} };
    const chunks: Buffer[] = [];
    dispatcher.dispatch(
      { ...placeOf(request.url), method, headers, body },
      {
        onRequestStart(controller) {
          running = controller;
          // It stood in the queue of a connection until now.
          if (signal?.aborted === true) controller.abort(signal.reason as Error);
        },
        onResponseStart(_, status, received) {
          answer = { status, headers: firstValues(received) };
        },
        onResponseData(_, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          settled();
          resolve({ ...answer, text: Buffer.concat(chunks).toString('utf8') });
        },
        onResponseError(_, error) {
          settled();
          reject(error);
        },
      },
    );
  });
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
