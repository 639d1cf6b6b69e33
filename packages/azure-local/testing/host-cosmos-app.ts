// Fixture for the app with Cosmos DB triggers: what its handlers are given and how their runs end; and a gateway
// between a client and the Cosmos DB look-alike that can be cut.
import { createServer, request } from 'node:http';
import { EMULATOR_KEY } from '../src/kit/emulator-connections';
import { listen, takePosts } from './host-triggers-app';

export interface Document {
  readonly id: string;
  readonly [property: string]: unknown;
}

/** One run of a handler. */
export interface Delivery {
  readonly name: string;
  readonly documents: readonly Document[];
  readonly retryContext?: {
    readonly retryCount: number;
    readonly maxRetryCount: number;
    readonly exception?: { readonly message: string; readonly stackTrace: string };
  };
}

/** How a run ends: well, with this error, or not until the test says so. */
export type Ending = 'ok' | { readonly error: string } | Promise<'ok'>;

export const connectionTo = (url: string): string => `AccountEndpoint=${url};AccountKey=${EMULATOR_KEY};`;

/** Takes in what handlers are given; `ending` says how each run ends. */
export async function receiveDeliveries(
  ending: (delivery: Delivery) => Ending,
): Promise<{ readonly url: string; readonly deliveries: readonly Delivery[] }> {
  const deliveries: Delivery[] = [];
  const url = await takePosts(async (body) => {
    const delivery = JSON.parse(body) as Delivery;
    deliveries.push(delivery);
    const end = await ending(delivery);
    return end === 'ok' ? undefined : end.error;
  });
  return { url, deliveries };
}

export interface Gateway {
  readonly url: string;
  /** `open` passes on; a number answers with it; `loseAnswers` carries a write out and cuts the line. */
  mode: 'open' | 'loseAnswers' | number;
  /** Requests so far, whatever became of them. */
  requests: number;
  /** Of these the ones that are not answered yet. */
  inFlight: number;
}

/** Stands before the look-alike at `target`. */
export async function openGateway(target: string): Promise<Gateway> {
  const gateway: Gateway = { url: '', mode: 'open', requests: 0, inFlight: 0 };
  const server = createServer((incoming, response) => {
    gateway.requests += 1;
    gateway.inFlight += 1;
    response.once('close', () => (gateway.inFlight -= 1));
    const { mode } = gateway;
    if (typeof mode === 'number') {
      response.writeHead(mode).end();
      return;
    }
    const { method, headers, url = '/' } = incoming;
    const onward = request(new URL(url, target), { method, headers, agent: false }, (answer) => {
      if (mode === 'loseAnswers' && method !== 'GET') {
        answer.resume().on('end', () => response.destroy());
      } else {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });
  return Object.assign(gateway, { url: `${await listen(server)}/` });
}
