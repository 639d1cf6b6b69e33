// Registers the functions of the route table, each under `/api/` and under `/api/<version>/`.
import { app } from '@azure/functions';
import { callOf } from './call';
import { endpoint } from './http';
import type { OperatorCheck } from './operator';
import type { Handler, Route } from './routes/route';
import { API_VERSIONS, functionName } from './routes/versions';
import { sagaClientInput } from './saga-client.durable';

/** Registers a route of the table with what answers its calls. */
export type RegisterRoute = <R extends Route>(route: R, handler: Handler<R>) => void;

export function createRegisterRoute(requireOperator: OperatorCheck): RegisterRoute {
  return (route, handler) => {
    for (const version of [undefined, ...API_VERSIONS]) {
      app.http(functionName(route.name, version), {
        // The app asks for the role operator by itself, so such a route asks for no key.
        authLevel: route.caller === 'keyHolder' ? 'function' : 'anonymous',
        methods: [route.method],
        route: version === undefined ? route.path : `${version}/${route.path}`,
        extraInputs: route.usesSagas === true ? [sagaClientInput()] : [],
        handler: endpoint(
          async (exchange) => handler(await callOf(route, exchange, requireOperator)),
          version === undefined ? '/api' : `/api/${version}`,
        ),
      });
    }
  };
}
