// Routes for the OpenAPI document of this API.
import { openApiDocument, type OpenApiDocument } from './openapi/document';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';

export function registerOpenApi(register: RegisterRoute): void {
  // Made when first asked for: a start has no use for it. It never changes while the process lives.
  let document: OpenApiDocument | undefined;
  register(ROUTES.GetOpenApiDocument, () => {
    document ??= openApiDocument();
    return Promise.resolve({ status: 200 as const, jsonBody: { ...document } });
  });
}
