// GetEventSchemas: every version of an event type as JSON Schema, for whoever consumes our events.
import { app } from '@azure/functions';
import { describeType } from '../events/catalogue';
import { HttpProblem, endpoint, type Answer } from './http';

/** Registers GetEventSchemas. What is published is no secret, so it asks for no key. */
export function registerSchemas(): void {
  app.http('GetEventSchemas', {
    authLevel: 'anonymous',
    methods: ['GET'],
    route: 'schemas/{type}',
    handler: endpoint(({ request }) => Promise.resolve(schemasAnswer(request.params.type ?? ''))),
  });
}

/** All versions of `type`; a NOT_FOUND problem when it is no event type. */
export function schemasAnswer(type: string): Answer {
  const description = describeType(type);
  if (description === undefined)
    throw new HttpProblem('NOT_FOUND', `There is no event type ${type.slice(0, 100)}`);
  return { jsonBody: description };
}
