// Refusal of a step that needs personal data which was erased meanwhile: erasure waits for orders that run, so this is an order
// that was carried on after its end.
import type { Refused } from '../domain/outcome';

export function refusedForErasure(what: string): Refused {
  const reason = `${what} was erased on demand of the customer`;
  return { kind: 'refused', detailCode: 'PERSONAL_DATA_ERASED', reason };
}
