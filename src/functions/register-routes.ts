// Registers the functions of the route table, each under `/api/` and under `/api/<version>/`.
import { app } from '@azure/functions';
import { asksForKey } from '../identity/access';
import { callOf } from './call';
import type { Door } from './door';
import { endpoint } from './http';
import type { Handler, Route } from './routes/route';
import { API_VERSIONS, functionName } from './routes/versions';
import { taskHubInput } from './task-hub.durable';
import { traced } from './traced-request';
import type { Tracing } from '../telemetry/traces/tracing';

/** Registers a route of the table with what answers its calls. */
export type RegisterRoute = <R extends Route>(route: R, handler: Handler<R>) => void;

/** Where `keysCount` is false callers are signed in, and the platform asks nobody for a key. */
export function createRegisterRoute(door: Door, keysCount: boolean, tracing: Tracing): RegisterRoute {
  return (route, handler) => {
    for (const version of [undefined, ...API_VERSIONS]) {
      app.http(functionName(route.name, version), {
        // The app asks for roles by itself, so such a route asks for no key.
        authLevel: keysCount && asksForKey(route.caller) ? 'function' : 'anonymous',
        methods: [route.method],
        route: version === undefined ? route.path : `${version}/${route.path}`,
        extraInputs: route.usesSagas === true ? [taskHubInput()] : [],
        handler: traced(
          route,
          tracing,
          endpoint(
            (exchange) =>
              door(route, exchange.request, async (admitted) =>
                handler(await callOf(route, exchange, admitted)),
              ),
            version === undefined ? '/api' : `/api/${version}`,
          ),
        ),
      });
    }
  };
}
