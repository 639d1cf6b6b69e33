// Routes for the control API of the Cosmos DB look-alike, `/_lookalike/…`, for tests and people: counters of requests,
// hold points, injected faults, replica lag. It asks for no key and knows no documents.
import type { ServerResponse } from 'node:http';
import { z, ZodError } from 'zod';
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
  /** What is controlled here of look-alikes that have no HTTP of their own. */
  readonly besides: ControlRoutes;
}

/** By method and path; each gets the body as JSON, undefined when there is none. @throws ZodError for another one */
export type ControlRoutes = Readonly<Record<string, (body: unknown) => unknown>>;

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
  const name = `${method} ${url}`;
  const route = ROUTES[name];
  const beside = controls.besides[name];
  try {
    if (body === undefined) throw tooLarge();
    if (route !== undefined) answer(200, route(controls, body));
    else if (beside !== undefined) answer(200, beside(body === '' ? undefined : JSON.parse(body)));
    else answer(404, { message: `The control API has no ${name}. It has ${namesOf(controls)}.` });
  } catch (error) {
    const refusal = refusalOf(error);
    answer(refusal.status, { message: refusal.message });
  }
}

const namesOf = ({ besides }: Controls): string =>
  [...Object.keys(ROUTES), ...Object.keys(besides)].join(', ');

function refusalOf(error: unknown): CosmosError {
  if (error instanceof CosmosError) return error;
  if (error instanceof ZodError) return new CosmosError(400, z.prettifyError(error));
  if (error instanceof SyntaxError) return new CosmosError(400, `The body is not JSON: ${error.message}`);
  throw error;
}
