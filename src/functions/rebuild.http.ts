// Routes for operators who have a read model built anew from the events.
import { invocationLog } from '../telemetry/invocation-log';
import { REBUILDABLE, rebuild, type RebuildPorts } from '../projections/rebuild';
import { HttpProblem } from './http';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf, Call } from './routes/route';

export function registerRebuild(ports: RebuildPorts, register: RegisterRoute): void {
  register(ROUTES.RebuildProjection, (call) => rebuildAnswer(ports, call));
}

type Rebuild = typeof ROUTES.RebuildProjection;

async function rebuildAnswer(
  ports: RebuildPorts,
  { params: { name }, scope, context, correlationId, operator }: Call<Rebuild>,
): Promise<AnswerOf<Rebuild>> {
  const projection = REBUILDABLE.find((known) => known === name);
  if (projection === undefined) {
    const known = REBUILDABLE.join(', ');
    throw new HttpProblem('NOT_FOUND', `There is no projection ${name.slice(0, 100)}, only ${known}`);
  }
  const startedMs = performance.now();
  const { orders, events } = await rebuild(ports, scope, projection);
  const took = { projection, orders, events, durationMs: Math.round(performance.now() - startedMs) };
  invocationLog(context).info('projection rebuilt', { ...took, operator, correlationId });
  return { status: 200, jsonBody: took };
}
