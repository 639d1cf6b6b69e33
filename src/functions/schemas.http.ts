// Routes for the schemas of events, for whoever consumes them.
import { describeType } from '../events/catalogue';
import { HttpProblem } from './http';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf } from './routes/route';

export function registerSchemas(register: RegisterRoute): void {
  register(ROUTES.GetEventSchemas, ({ params }) => Promise.resolve(schemasAnswer(params.type)));
}

/** All versions of `type`; a NOT_FOUND problem when it is no event type. */
export function schemasAnswer(type: string): AnswerOf<typeof ROUTES.GetEventSchemas> {
  const description = describeType(type);
  if (description === undefined)
    throw new HttpProblem('NOT_FOUND', `There is no event type ${type.slice(0, 100)}`);
  return { status: 200, jsonBody: description };
}
