// How the Cosmos DB SDK sends its requests: its option `httpClient`, over undici. The SDK's own client takes half as much
// CPU again per operation (tools/bench/README.md).
import type { CosmosClientOptions } from '@azure/cosmos';
import { Agent } from 'undici';
import { exchange } from './http-exchange';

type SdkHttpClient = NonNullable<CosmosClientOptions['httpClient']>;
type SdkRequest = Parameters<SdkHttpClient['sendRequest']>[0];
type SdkHeaders = SdkRequest['headers'];

const CONNECTIONS = 128;
const KEEP_ALIVE_MS = 30_000;

/** A client with connections of its own. Only what the Cosmos DB SDK sends: bodies are text, answers are not streamed. */
export function createCosmosHttp(): SdkHttpClient {
  const agent = new Agent({ connections: CONNECTIONS, keepAliveTimeout: KEEP_ALIVE_MS });
  return {
    async sendRequest(request) {
      try {
        const { status, headers, text } = await exchange(agent, {
          method: request.method,
          url: request.url,
          headers: request.headers.toJSON({ preserveCase: true }),
          body: textOf(request.body),
          signal: request.abortSignal as AbortSignal | undefined,
        });
        return { request, status, headers: toSdkHeaders(headers), bodyAsText: text };
      } catch (error) {
        throw asSystemError(error);
      }
    },
  };
}

function textOf(body: SdkRequest['body']): string | null {
  if (body === undefined || body === null) return null;
  if (typeof body === 'string') return body;
  throw new TypeError('The Cosmos DB SDK sends text; a request had another body.');
}

/** The SDK decides by the codes of Node's sockets what it may send again. */
const SYSTEM_CODES: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_CONNECT_TIMEOUT: 'ETIMEDOUT',
};

function asSystemError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const code = SYSTEM_CODES[String(error.code)];
  return code === undefined ? error : Object.assign(new Error(error.message, { cause: error }), { code });
}

/** Headers in the SDK's form over an object of lower-case names. */
function toSdkHeaders(headers: Record<string, string>): SdkHeaders {
  return {
    get: (name) => headers[name.toLowerCase()],
    has: (name) => name.toLowerCase() in headers,
    set: (name, value) => {
      headers[name.toLowerCase()] = String(value);
    },
    delete: (name) => {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a header by its name
      delete headers[name.toLowerCase()];
    },
    toJSON: () => headers,
    [Symbol.iterator]: () => Object.entries(headers)[Symbol.iterator](),
  };
}
