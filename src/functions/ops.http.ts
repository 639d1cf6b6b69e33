// What operators ask for: decode, check who asks, call, encode.
import { app, type HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { orderEvents } from '../events/catalogue';
import { moment } from '../fields';
import { invocationLog } from '../telemetry/invocation-log';
import { replayEvents, type Replayed, type ReplayPorts } from '../operations/replay';
import { endpoint, jsonBody, valid } from './http';
import type { OperatorCheck } from './operator';
import { operatorScope } from './scope';

/** Registers ReplayEvents. The app checks the operator role by itself, so the route asks for no key. */
export function registerOps(ports: ReplayPorts, requireOperator: OperatorCheck): void {
  app.http('ReplayEvents', {
    authLevel: 'anonymous',
    methods: ['POST'],
    route: 'ops/replay',
    handler: endpoint(async ({ request, context, correlationId }) => {
      const operator = requireOperator(request);
      const answer = await replayAnswer(ports, request);
      const { matched, unreadable, dryRun } = answer.jsonBody;
      const told = { operator, correlationId, matched, unreadable, dryRun };
      invocationLog(context).info('events replayed', told);
      return answer;
    }),
  });
}

const replayBody = z.strictObject({
  type: z
    .string()
    .refine((type) => orderEvents.versionsOf(type) !== undefined, 'is not the type of an order event')
    .optional(),
  from: moment.optional(),
  dryRun: z.boolean().default(false),
});

/** Replays what the body selects and answers how many events matched. */
export async function replayAnswer(
  ports: ReplayPorts,
  request: HttpRequest,
): Promise<{ readonly jsonBody: Replayed }> {
  const { type, from: fromIso, dryRun } = valid(replayBody, await jsonBody(request));
  return { jsonBody: await replayEvents(ports, { reach: operatorScope(request), type, fromIso, dryRun }) };
}
