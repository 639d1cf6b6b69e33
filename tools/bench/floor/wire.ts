// Connections of the wire floor: the SDKs as the app configures them, and one POST to a simulated service. Every
// failure ends the program, because a floor that leaves something out measures nothing.
import type { Container, OperationInput } from '@azure/cosmos';
import { Agent } from 'undici';
import { QUIET } from '../../../src/adapters/cosmos-client';
import { exchange } from '../../../src/adapters/http-exchange';
import type { Order } from '../../../src/domain/order';

export interface PlatformAddresses {
  readonly cosmos: string;
  readonly services: string;
  readonly servicebus: string;
  readonly eventgrid: string;
}

/** Writes a batch; gives the etag of its first operation's document. */
export async function writeBatch(
  container: Container,
  partitionKey: string,
  operations: OperationInput[],
): Promise<string> {
  const { result = [] } = await container.items.batch(operations, partitionKey, QUIET);
  const refused = result.find(({ statusCode }) => statusCode >= 300);
  const etag = result[0]?.eTag;
  if (refused !== undefined || etag === undefined) {
    throw new Error(
      `A batch of ${partitionKey} was refused: ${result.map(({ statusCode }) => statusCode).join(', ')}.`,
    );
  }
  return etag;
}

export interface ServiceCall {
  readonly url: string;
  readonly key: string;
  readonly body: object;
}

/** Calls simulated services as the app's client does: connections kept open, one request in flight on each. */
export function createCaller({
  traceparent,
  correlationId,
}: Pick<Order, 'traceparent' | 'correlationId'>): (call: ServiceCall) => Promise<void> {
  const agents = new Map<string, Agent>();
  return async ({ url, key, body }) => {
    const { origin, pathname } = new URL(url);
    const service = `${origin}/${pathname.split('/')[1] ?? ''}`;
    let dispatcher = agents.get(service);
    if (dispatcher === undefined) {
      dispatcher = new Agent({ keepAliveTimeout: 30_000, connections: 128, pipelining: 1 });
      agents.set(service, dispatcher);
    }
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': key,
      traceparent,
      'x-correlation-id': correlationId,
    };
    const request = { method: 'POST', url, headers, body: JSON.stringify(body) } as const;
    const { status, text } = await exchange(dispatcher, request);
    if (status >= 300) throw new Error(`${url} answered ${status}: ${text}`);
    JSON.parse(text);
  };
}
