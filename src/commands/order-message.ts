// Handler of an order message from the queue `orders`: places the order by the same command as over HTTP, and says how the
// message is settled.
//
// order-message.M1  A message whose order is stored is completed, whether this delivery stored it or an earlier one:
//   the key is the message id, or the one that the message names. Nothing waits for the saga.
// order-message.M2  What no other delivery would change is dead-lettered at once, with a reason and what is wrong.
// order-message.M3  A fault is abandoned after a wait that grows with the deliveries; only the last delivery is
//   dead-lettered for it.
import type { Scope } from '../domain/scope';
import { TransientError } from '../errors';
import { traceIdIn } from '../ports/log';
import { correlationIdFrom } from '../telemetry/trace-context';
import { traceparentIn, type OpenSpan } from '../telemetry/traces/active-span';
import type { DeadLetterReason, InboundBody, InboundMessage, Settlement } from '../ports/inbound-message';
import { describeErrors, jsonFault, type FieldError } from '../validation';
import { MAX_LINES, parseOrderRequest, type OrderRequest } from './order-request';
import { isIdempotencyKey, placeOrder, type PlaceOrderPorts } from './place-order';

const MAX_WAIT_MS = 30_000;
/** Service Bus cuts a description at 4,096 characters; a page of it is enough to correct the message. */
const MAX_DESCRIPTION = 2_000;

/**
 * Places the order of `message` once, in the scope of its tenant (or with what is wrong with the tenant's name), and says how the message is to be settled. Never throws: every fault is in the log
 * and in the answer.
 */
export async function takeOrderMessage(
  ports: PlaceOrderPorts & { readonly span?: OpenSpan | undefined },
  scope: Scope | FieldError,
  message: InboundMessage,
  maxDeliveryCount: number,
): Promise<Settlement> {
  const request = readOrder(message, 'path' in scope ? [scope] : []);
  if ('kind' in request) return request;
  if ('path' in scope) return invalid([scope]);
  const { messageId, key, deliveryCount, traceparent } = message;
  const correlationId = correlationIdFrom(message.correlationId);
  try {
    const placed = await placeOrder(ports, {
      scope,
      request,
      idempotencyKey: key,
      correlationId,
      traceparent: traceparentIn(ports.span, traceparent),
    });
    if ('order' in placed) ports.span?.set({ 'order.id': placed.order.orderId });
    if (placed.kind === 'priceChanged') return invalid(placed.errors);
    if (placed.kind !== 'keyReused') return { kind: 'complete' };
    return invalid([
      { path: 'messageId', message: `belongs to order ${placed.orderId} with another body: use a new id` },
    ]);
  } catch (error) {
    const traceId = traceIdIn(traceparent);
    const told = { messageId, correlationId, traceId, deliveryCount, error: messageOf(error) };
    if (error instanceof TransientError) ports.log.warn('message not processed', told);
    else ports.log.error('message not processed', told);
    return deliveryCount >= maxDeliveryCount
      ? deadLetter('ProcessingFailed', `after ${deliveryCount} deliveries: ${messageOf(error)}`)
      : { kind: 'abandon', waitMs: Math.min(2 ** deliveryCount * 1_000, MAX_WAIT_MS) };
  }
}

function readOrder(
  { key, body }: InboundMessage,
  tenantErrors: readonly FieldError[],
): OrderRequest | Settlement {
  const json = decode(body);
  if ('problem' in json) return deadLetter('InvalidJson', `The body is not JSON: ${json.problem}`);
  const { value } = json;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
    return deadLetter('DeserializationFailed', `The body is ${found}; an order is a JSON object`);
  }
  const parsed = parseOrderRequest(value);
  if (parsed.kind === 'tooManyLines') {
    const message = `has ${parsed.count} lines; an order has at most ${MAX_LINES}`;
    return invalid([{ path: 'items', message }]);
  }
  const idErrors = [
    ...tenantErrors,
    ...(isIdempotencyKey(key)
      ? []
      : [{ path: 'messageId', message: 'must have 1 to 128 printable ASCII characters' }]),
  ];
  if (parsed.kind === 'invalid') return invalid([...idErrors, ...parsed.errors]);
  return idErrors.length > 0 ? invalid(idErrors) : parsed.request;
}

function decode(body: InboundBody): { readonly value: unknown } | { readonly problem: string } {
  if (body.kind === 'value') return { value: body.value };
  if (body.kind === 'bytes' && body.bytes[0] === 0x1f && body.bytes[1] === 0x8b)
    return { problem: 'it is compressed with gzip; send it as it is' };
  try {
    const text =
      body.kind === 'text' ? body.text : new TextDecoder('utf-8', { fatal: true }).decode(body.bytes);
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: jsonFault(error) };
  }
}

function invalid(errors: readonly FieldError[]): Settlement {
  return deadLetter('ValidationFailed', describeErrors(errors, 'body'));
}

function deadLetter(reason: DeadLetterReason, description: string): Settlement {
  return { kind: 'deadLetter', reason, description: description.slice(0, MAX_DESCRIPTION) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
