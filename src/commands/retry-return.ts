// Command of an operator: tries the refund and the restocking of a return again that its saga gave up. Called by
// POST /api/orders/{id}/returns/{n}/retry. Keys make sure that what was done is not done twice (S2).
import { aboutOrder } from '../ports/log';
import { isPromised } from '../domain/return-rules';
import { returnOf } from '../domain/return-state';
import type { Changed, ReturnChange } from './change-return';
import { finishReturn, type RepairReturnPorts } from './finish-return';

/** A return that its saga still carries on is left to it: `wrongStatus`. */
export async function retryReturn(
  ports: RepairReturnPorts,
  { scope, orderId, returnNumber, by, reason }: ReturnChange & { readonly reason: string },
): Promise<Changed> {
  const stored = await ports.orders.read(scope, orderId);
  const found = stored && returnOf(stored.order, returnNumber);
  if (stored === undefined || found === undefined) return { kind: 'notFound' };
  if (!isPromised(found) || !found.saga.needsIntervention) return { kind: 'wrongStatus', found };
  ports.log.warn('return tried again by operator', {
    ...aboutOrder(stored.order),
    returnNumber,
    operator: by,
    reason,
  });
  await finishReturn(ports, stored, returnNumber);
  const after = await ports.orders.read(scope, orderId);
  const now = after && returnOf(after.order, returnNumber);
  if (after === undefined || now === undefined) return { kind: 'notFound' };
  return { kind: 'accepted', order: after.order, found: now };
}
