// RebuildProjection: an operator has a read model built anew from the events.
import { app } from '@azure/functions';
import { invocationLog } from '../telemetry/invocation-log';
import { REBUILDABLE, rebuild, type RebuildPorts } from '../projections/rebuild';
import { HttpProblem, endpoint } from './http';
import type { OperatorCheck } from './operator';

export function registerRebuild(ports: RebuildPorts, operatorOf: OperatorCheck): void {
  app.http('RebuildProjection', {
    // The app itself checks for operators, on every host.
    authLevel: 'anonymous',
    methods: ['POST'],
    route: 'ops/projections/{name}/rebuild',
    handler: endpoint(async ({ request, context, correlationId }) => {
      const operator = operatorOf(request);
      const { name = '' } = request.params;
      const projection = REBUILDABLE.find((known) => known === name);
      if (projection === undefined) {
        const known = REBUILDABLE.join(', ');
        throw new HttpProblem('NOT_FOUND', `There is no projection ${name.slice(0, 100)}, only ${known}`);
      }
      const startedMs = performance.now();
      const { orders, events } = await rebuild(ports, projection);
      const took = { projection, orders, events, durationMs: Math.round(performance.now() - startedMs) };
      invocationLog(context).info('projection rebuilt', { ...took, operator, correlationId });
      return { jsonBody: took };
    }),
  });
}
