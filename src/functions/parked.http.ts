// Route for operators who look at what could not be processed: it is encrypted in the store.
import type { ParkedDocuments } from '../ports/parking';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';

export function registerParked(parked: ParkedDocuments, register: RegisterRoute): void {
  register(ROUTES.ListParked, async ({ query, scope }) => ({
    status: 200 as const,
    jsonBody: await parked.list(scope, query.limit),
  }));
}
