// HTTP request to a subscriber; every result is a value, faults included. It must not know events.
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '../kit/clock';

export interface WebhookRequest {
  readonly method: 'POST' | 'OPTIONS';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type WebhookAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly text: string;
    }
  | { readonly kind: 'timedOut' }
  | { readonly kind: 'failed'; readonly problem: string };

export interface WebhookClient {
  /** Never rejects. */
  send(url: URL, request: WebhookRequest): Promise<WebhookAnswer>;
  /** Cuts off what is under way; that ends as `failed`. */
  close(): void;
}

/** The service waits so long for an answer. */
const ANSWER_WITHIN_MS = 30_000;
/** Of an answer's body; only that of a handshake is read. */
const MAX_TEXT_CHARACTERS = 8_192;

export function createWebhookClient(clock: Clock): WebhookClient {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  return {
    send: (url, request) =>
      new Promise((resolve) => {
        const { method, headers, body = '' } = request;
        const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
        const sent = open(url, {
          method,
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
          agent: url.protocol === 'https:' ? agents.https : agents.http,
        });
        const end = (answer: WebhookAnswer): void => {
          alarm.cancel();
          resolve(answer);
        };
        const alarm = clock.alarm(clock.now() + ANSWER_WITHIN_MS, () => {
          end({ kind: 'timedOut' });
          sent.destroy();
        });
        sent.on('error', (error) => end({ kind: 'failed', problem: error.message }));
        sent.on('response', (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            if (text.length < MAX_TEXT_CHARACTERS) text += chunk;
          });
          response.on('end', () =>
            end({ kind: 'answered', status: response.statusCode ?? 0, headers: response.headers, text }),
          );
          response.on('close', () => end({ kind: 'failed', problem: 'the connection broke off' }));
        });
        sent.end(body);
      }),
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}
