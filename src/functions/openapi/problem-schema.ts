// Schema of the problem documents (RFC 9457) in the OpenAPI document, and an example for every code.
import { z } from 'zod';
import { ERROR_CODES, isHttpErrorCode, type HttpErrorCode } from '../../errors';
import { parameterSchema, type JsonSchema } from './json-schemas';

const problem = z
  .object({
    type: z.string().meta({ description: 'A URN with the code' }),
    title: z.string().meta({ description: 'What the code means' }),
    status: z.int(),
    code: z.string().meta({ description: 'A code of `x-error-codes`' }),
    detail: z.string().meta({ description: 'What is wrong here' }),
    correlationId: z.string(),
    errors: z
      .array(
        z.object({
          path: z.string().meta({ description: 'As in `items[0].quantity`; empty for the body itself' }),
          message: z.string(),
          currentUnitPrice: z.number().optional().meta({ description: 'With PRICE_CHANGED' }),
        }),
      )
      .optional()
      .meta({ description: 'Where fields are wrong: each of them' }),
  })
  .meta({ description: 'What went wrong (RFC 9457)' });

export const PROBLEM_SCHEMA: JsonSchema = parameterSchema(problem);

const WRONG_FIELD = { path: 'items[0].quantity', message: 'must be at least 1' };
const OTHER_PRICE = {
  path: 'items[0].unitPrice',
  message: 'the price is 59.99 now',
  currentUnitPrice: 59.99,
};

function problemExample(code: HttpErrorCode): z.infer<typeof problem> {
  const { status, meaning } = ERROR_CODES[code];
  const errors =
    code === 'VALIDATION_FAILED' ? [WRONG_FIELD] : code === 'PRICE_CHANGED' ? [OTHER_PRICE] : undefined;
  return {
    type: `urn:order-saga:error:${code}`,
    title: meaning,
    status,
    code,
    detail: code === 'VALIDATION_FAILED' ? 'Not valid: items[0].quantity' : meaning,
    correlationId: 'my-id-1',
    ...(errors === undefined ? {} : { errors }),
  };
}

/** By code, for every code that requests are answered with. */
export function problemExamples(): Readonly<Record<string, { readonly value: z.infer<typeof problem> }>> {
  const codes = Object.keys(ERROR_CODES).filter(isHttpErrorCode);
  return Object.fromEntries(codes.map((code) => [code, { value: problemExample(code) }]));
}
