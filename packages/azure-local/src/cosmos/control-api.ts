// Routes for the control API of the Cosmos DB look-alike, `/_lookalike/…`, for tests and people: counters of requests,
// hold points, injected faults, replica lag. It asks for no key and knows no documents.
import type { ServerResponse } from 'node:http';
import type { Counters } from './counters';
import { CosmosError, tooLarge } from './protocol/errors';
import type { CosmosFaults } from './faults';
import type { Holds } from './holds';
import type { LaggingReplica } from './lagging-replica';

const PREFIX = '/_lookalike/';

export interface Controls {
  readonly counters: Counters;
  readonly holds: Holds;
  readonly faults: CosmosFaults;
  readonly replica: LaggingReplica;
}

export interface ControlRequest {
  readonly method: string;
  readonly url: string;
  /** Undefined when it was over the look-alike's limit. */
  readonly body: string | undefined;
}

type Handler = (controls: Controls, body: string) => unknown;

const ROUTES: Readonly<Record<string, Handler>> = {
  'GET /_lookalike/counters': ({ counters }) => counters.snapshot(),
  'GET /_lookalike/counters/containers': ({ counters }) => counters.byContainer(),
  'DELETE /_lookalike/counters': ({ counters }) => {
    counters.reset();
    return counters.snapshot();
  },
  'GET /_lookalike/holds': ({ holds }) => holds.list(),
  'PUT /_lookalike/holds': ({ holds }, body) => {
    holds.replace(body);
    return holds.list();
  },
  'GET /_lookalike/faults': ({ faults }) => faults.list(),
  'PUT /_lookalike/faults': ({ faults }, body) => {
    faults.replace(body);
    return faults.list();
  },
  'GET /_lookalike/replica': ({ replica }) => replica.current,
  'PUT /_lookalike/replica': ({ replica }, body) => {
    replica.replace(body);
    return replica.current;
  },
};

export const isControlRequest = (url: string): boolean => url.startsWith(PREFIX);

/** Answers a request whose URL is the second controls's; one that is none of its routes with a 404 that lists them. */
export function serveControlApi(
  { method, url, body }: ControlRequest,
  response: ServerResponse,
  controls: Controls,
): void {
  const answer = (status: number, json: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  };
  const route = ROUTES[`${method} ${url}`];
  if (route === undefined) {
    answer(404, {
      message: `The control API has no ${method} ${url}. It has ${Object.keys(ROUTES).join(', ')}.`,
    });
    return;
  }
  try {
    if (body === undefined) throw tooLarge();
    answer(200, route(controls, body));
  } catch (error) {
    if (!(error instanceof CosmosError)) throw error;
    answer(error.status, { message: error.message });
  }
}
