// HTTP client that retries as a careful client does: a request without an answer in time is sent again, and the answer
// is checked.

export interface HttpAnswer {
  readonly status: number;
  readonly json: unknown;
  readonly headers: Headers;
}

const ANSWER_WITHIN_MS = 15_000;
const AGAIN_AFTER_MS = 250;

/** One request; undefined when it got no answer. */
export async function ask(url: string, init: RequestInit = {}): Promise<HttpAnswer | undefined> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: parse(text) };
  } catch {
    return undefined;
  }
}

/** The first 200 of a GET, a PUT or a POST that may be repeated; rejects when `signal` ends before. */
export async function mustAnswer<T>(url: string, signal: AbortSignal, init?: RequestInit): Promise<T> {
  for (;;) {
    const answer = await ask(url, init);
    if (answer?.status === 200) return answer.json as T;
    if (signal.aborted) throw new Error(`${url} was answered ${answer?.status ?? 'nothing'} to the end`);
    await pause(AGAIN_AFTER_MS);
  }
}

export const putJson = (body: unknown): RequestInit => ({
  method: 'PUT',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** As `work`, but rejects when it has not settled in time: broken connections leave some calls of SDKs waiting for ever. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
  });
  work.catch(() => undefined);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
