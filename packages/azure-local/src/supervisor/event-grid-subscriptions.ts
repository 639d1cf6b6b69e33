// Creates the Event Grid subscriptions of the functions once they answer: as in Azure, where subscriptions are made
// after the deployment because the endpoint must answer the validation.
//
// subscriptions.B1  A platform or a host that dies meanwhile comes back: what failed is tried again, so that neither a hanging
//   handshake nor a lost connection keeps the system from being ready, or leaves a function without its events.
import { request, type IncomingMessage } from 'node:http';
import type { Clock } from '../kit/clock';

/** The topics of the look-alike, with the subscriptions of the app's functions. */
export interface TopicDefinitions {
  readonly topics: readonly {
    readonly name: string;
    readonly subscriptions?: readonly { readonly name: string; readonly endpointUrl: string }[];
  }[];
}

export interface SubscribeParts {
  /** Address of the look-alike. */
  readonly eventgrid: string;
  /** Address of the functions. */
  readonly api: string;
  /** Opens the webhook of the functions where keys are enforced. */
  readonly code?: string | undefined;
  readonly clock: Clock;
  /** Ends the attempts. */
  readonly signal: AbortSignal;
  /** How long one attempt may take; ten seconds unless given. */
  readonly answerWithinMs?: number;
}

const ATTEMPTS = 5;
const AGAIN_AFTER_MS = 500;
/** Less than the handshake may take at the look-alike, which is asked anew then. */
const ANSWER_WITHIN_MS = 10_000;

/** Makes every subscription of `definitions`, side by side. Resolves with a sentence for each that could not be made. */
export async function subscribeFunctions(
  { topics }: TopicDefinitions,
  parts: SubscribeParts,
): Promise<string[]> {
  const problems = topics.flatMap(({ name: topic, subscriptions = [] }) =>
    subscriptions.map(async ({ name, endpointUrl, ...definition }) => {
      const body = JSON.stringify({ ...definition, endpointUrl: endpointOf(endpointUrl, parts) });
      const problem = await subscribe(`/control/subscriptions/${topic}/${name}`, body, parts);
      return problem === undefined ? [] : [`Event Grid topic ${topic} does not reach ${name}: ${problem}`];
    }),
  );
  return (await Promise.all(problems)).flat();
}

function endpointOf(endpointUrl: string, { api, code }: SubscribeParts): string {
  const endpoint = endpointUrl.replace('{functions}', api);
  return code === undefined ? endpoint : `${endpoint}&code=${encodeURIComponent(code)}`;
}

/** Undefined once it is made, or when the attempts were ended. */
async function subscribe(path: string, body: string, parts: SubscribeParts): Promise<string | undefined> {
  const { clock, signal } = parts;
  let problem: string | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    problem = await attemptOf(path, body, parts);
    if (problem === undefined || signal.aborted) return undefined;
    if (attempt < ATTEMPTS)
      await new Promise<void>((resolve) => clock.alarm(clock.now() + attempt * AGAIN_AFTER_MS, resolve));
  }
  return problem;
}

async function attemptOf(
  path: string,
  body: string,
  { eventgrid, signal, answerWithinMs = ANSWER_WITHIN_MS }: SubscribeParts,
): Promise<string | undefined> {
  try {
    const { status, body: text } = await put(
      `${eventgrid}${path}`,
      body,
      AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
    );
    return status >= 200 && status < 300 ? undefined : text;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? cause.message : message;
  }
}

/** Not by `fetch`: loading it takes longer than all that the supervisor does until then. */
function put(url: string, json: string, signal: AbortSignal): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const answer = (response: IncomingMessage): void => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    };
    request(url, { method: 'PUT', agent: false, headers, signal }, answer).on('error', reject).end(json);
  });
}
