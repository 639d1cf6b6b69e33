// Table of everything the server answers: the services' operations and the control API.
import type { ControlHandler } from './control';
import { refused, type Answer, type Operation, type ServiceName } from './operation';
import { createRouter, type Match } from './routing';

export type Endpoint =
  | { readonly kind: 'call'; readonly service: ServiceName; readonly operation: Operation }
  | { readonly kind: 'control'; readonly handle: ControlHandler };

export interface Endpoints {
  find(method: string, url: string): Match<Endpoint> | undefined;
  /** What is said to a method and path that `find` does not know. */
  unknown(method: string, url: string): Answer;
}

/** `services` holds each service's routes below its own path; those of `control` are whole. */
export function createEndpoints(
  services: Readonly<Record<ServiceName, Record<string, Operation>>>,
  control: Readonly<Record<string, ControlHandler>>,
): Endpoints {
  const patterns: Record<string, Endpoint> = {};
  for (const [name, operations] of Object.entries(services)) {
    const service = name as ServiceName;
    for (const [pattern, operation] of Object.entries(operations)) {
      patterns[pattern.replace(' ', ` /${service}`)] = { kind: 'call', service, operation };
    }
  }
  for (const [pattern, handle] of Object.entries(control)) patterns[pattern] = { kind: 'control', handle };
  return {
    find: createRouter(patterns),
    unknown: (method, url) => unknownRoute(Object.keys(patterns), method, url),
  };
}

function unknownRoute(patterns: readonly string[], method: string, url: string): Answer {
  const first = url.split(/[/?]/)[1] ?? '';
  const siblings = patterns.filter((pattern) => pattern.includes(` /${first}/`));
  const known = (siblings.length === 0 ? patterns : siblings).join(', ');
  return refused(404, 'NO_SUCH_ROUTE', `There is no ${method} ${url}. There is: ${known}.`);
}
