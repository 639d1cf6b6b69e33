// Routes for operators who act on many orders at once.
import type { InvocationContext } from '@azure/functions';
import { remainingOf, type BulkFilter, type BulkOperation } from '../domain/bulk';
import { countBulk, startBulk, stopBulk, type BulkPorts } from '../operations/bulk';
import type { BulkRuns } from '../ports/bulk-store';
import { CHOICES } from '../queries/list-presets';
import { HttpProblem } from './http';
import type { RegisterRoute } from './register-routes';
import type { AnswerOf, Call } from './routes/route';
import { ROUTES } from './routes/routes';

export interface BulkHttpPorts extends BulkPorts {
  readonly runs: (context: InvocationContext) => BulkRuns;
}

const PROBLEMS_SHOWN = 100;

export function registerBulk(ports: BulkHttpPorts, register: RegisterRoute): void {
  register(ROUTES.StartBulk, (call) => start(ports, call));
  register(ROUTES.ListBulk, async ({ scope, query }) => ({
    status: 200 as const,
    jsonBody: (await ports.bulks.list(scope, query.limit)).map(toView),
  }));
  register(ROUTES.GetBulk, async ({ scope, params: { id } }) => {
    const stored = await ports.bulks.read(scope, id);
    if (stored === undefined) throw noSuchBulk(id);
    const problems = await ports.bulks.problems(scope, id, PROBLEMS_SHOWN);
    return { status: 200 as const, jsonBody: { ...toView(stored.operation), problems } };
  });
  register(ROUTES.StopBulk, async ({ scope, params: { id }, body, operator }) => {
    const operation = await stopBulk(ports, { scope, id, operator, reason: body.reason });
    if (operation === undefined) throw noSuchBulk(id);
    return { status: 202 as const, jsonBody: toView(operation) };
  });
}

type Start = typeof ROUTES.StartBulk;

async function start(
  ports: BulkHttpPorts,
  { body, headers, scope, operator, context, base }: Call<Start>,
): Promise<AnswerOf<Start>> {
  const { act, reason, cutOff, dryRun } = body;
  const key = headers['idempotency-key'];
  const request = {
    scope,
    act,
    filter: filterOf(body.filter),
    reason,
    operator,
    cutOff,
    key,
  };
  if (dryRun) return { status: 200, jsonBody: await countBulk(ports, request) };
  const operation = await startBulk({ ...ports, runs: ports.runs(context) }, request);
  return {
    status: 202,
    headers: { Location: `${base}/ops/bulk/${operation.id}` },
    jsonBody: toView(operation),
  };
}

function filterOf({ show, from, to, all: _, ...plain }: Call<Start>['body']['filter']): BulkFilter {
  return { ...plain, ...(show === undefined ? {} : CHOICES[show]), fromIso: from, toIso: to };
}

function noSuchBulk(id: string): HttpProblem {
  return new HttpProblem('NOT_FOUND', `There is no bulk operation ${id.slice(0, 100)}`);
}

function toView(operation: BulkOperation) {
  const { id, act, state, cutOff, matched, isAtLeast, done, refused, failed } = operation;
  const { reason, stopRequestedBy, startedAt, endedAt } = operation;
  return {
    ...{ id, act, cutOff, matched, isAtLeast, done, refused, failed },
    state: state === 'running' && stopRequestedBy !== null ? ('stopping' as const) : state,
    remaining: remainingOf(operation),
    ...{ operator: operation.operator, reason, stopRequestedBy, startedAt, endedAt },
  };
}
