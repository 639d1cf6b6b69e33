// Outbox relay: publishes the events of changed orders. The change feed of the order store is the outbox; it delivers
// changes at least once, and again when the relay throws. Knows no broker.
//
// relay.R1  Events of one order go out by sequence. The feed keeps the order between invocations; within one it does
//   not.
// relay.R2  What can never go out (invalid, too large) is parked with the reason, after all else has gone out, and the
//   feed goes on: a gap in the sequence tells consumers. An event of a newer release goes out as that release wrote it
//   (S21).
// relay.R3  A failure of target or parking fails the whole invocation: nothing is lost, some of it may go out again.
// relay.R4  What is told of a failed order is read after its event; a replica that does not show the event yet is asked
//   again, because the queue drops a second message.
import type { EventEnvelope } from '../domain/event-envelope';
import { tenantOf } from '../domain/scope';
import { TerminalError, TransientError } from '../errors';
import type { EventPublisher } from '../ports/event-publisher';
import type { OrderFailure, OrderFailures } from '../ports/order-failures';
import type { OrderStore } from '../ports/order-store';
import type { Parking } from '../ports/parking';
import { checkOutgoing, readToHandOn } from './read-event';
import { withoutTokens } from './without-tokens';

export interface RelayPorts {
  /** Who relays: the source under which documents are parked. */
  readonly source: string;
  readonly publisher: EventPublisher;
  readonly parking: Parking;
  /** Who is told of failed orders besides; left out, failed orders are not announced. */
  readonly failures?: FailurePorts;
  /** Who gets some of the events besides, whatever subscriptions the publisher's target has; left out, nobody does. */
  readonly copies?: CopyPorts;
}

export interface CopyPorts {
  readonly types: readonly EventEnvelope['type'][];
  readonly publisher: EventPublisher;
}

export interface FailurePorts {
  readonly orders: OrderStore;
  readonly queue: OrderFailures;
}

/** A document that could not go out. */
export interface Parked {
  readonly document: unknown;
  readonly reason: string;
}

export interface Relayed {
  readonly events: number;
  readonly failures: number;
  readonly parked: readonly Parked[];
}

/** Publishes the events among `changes`; documents of other kinds are passed by. Throws as relay.R3 says. */
export async function relayChanges(
  { source, publisher, parking, failures, copies }: RelayPorts,
  changes: readonly unknown[],
): Promise<Relayed> {
  const { events, poison } = eventsAmong(changes);
  if (events.length > 0) poison.push(...(await publisher.publish(events)).map(toParked));
  const copied = events.filter(({ type }) => copies?.types.includes(type));
  if (copies !== undefined && copied.length > 0)
    poison.push(...(await copies.publisher.publish(copied)).map(toParked));
  const told = failures === undefined ? [] : await failuresAmong(failures.orders, events);
  if (failures !== undefined && told.length > 0)
    poison.push(...(await failures.queue.publish(told)).map(toParked));
  for (const { document, reason } of poison) await parking.park(source, document, reason);
  return { events: events.length, failures: told.length, parked: poison };
}

function toParked({ item, reason }: { readonly item: unknown; readonly reason: string }): Parked {
  return { document: item, reason };
}

function eventsAmong(changes: readonly unknown[]): { events: EventEnvelope[]; poison: Parked[] } {
  const events: EventEnvelope[] = [];
  const poison: Parked[] = [];
  for (const document of changes) {
    if (!isEventDocument(document)) continue;
    const result = publishable(document);
    if (typeof result === 'string') poison.push({ document, reason: result });
    else events.push(withoutTokens(result));
  }
  // By sequence over all orders: it is stable, so nothing else needs to be told apart (relay.R1).
  return { events: events.sort((a, b) => a.sequence - b.sequence), poison };
}

function isEventDocument(document: unknown): boolean {
  return typeof document === 'object' && document !== null && 'kind' in document && document.kind === 'event';
}

/** The event, or why it can never go out. */
function publishable(document: unknown): EventEnvelope | string {
  const read = readToHandOn(document);
  switch (read.kind) {
    case 'event':
      return isChecked(document, read.event) ? read.event : (refusal(read.event) ?? read.event);
    case 'invalid':
      return `invalid: ${read.errors.map(({ path, message }) => `${path} ${message}`).join('; ')}`;
  }
}

/** Reading has checked what is as it was stored; what an upcaster has made of an older one is new. */
function isChecked(document: unknown, { schemaVersion }: EventEnvelope): boolean {
  return (document as Partial<EventEnvelope>).schemaVersion === schemaVersion;
}

function refusal(event: EventEnvelope): string | undefined {
  try {
    checkOutgoing(event);
    return undefined;
  } catch (error) {
    if (error instanceof TerminalError) return error.message;
    throw error;
  }
}

/** What there is to tell of the orders that failed; orders that the store no longer has are passed by. */
async function failuresAmong(
  orders: OrderStore,
  events: readonly EventEnvelope[],
): Promise<readonly OrderFailure[]> {
  const failed = events.filter(({ type }) => type === 'OrderFailed');
  const told = await Promise.all(failed.map((event) => toFailure(orders, event)));
  return told.filter((failure) => failure !== undefined);
}

async function toFailure(
  orders: OrderStore,
  { orderId, tenantId, sequence, occurredAt }: EventEnvelope,
): Promise<OrderFailure | undefined> {
  const stored = await orders.read(tenantOf({ tenantId }), orderId);
  if (stored === undefined) return undefined;
  const { order } = stored;
  if (order.version < sequence) {
    const behind = `the store shows order ${orderId} as of event ${order.version}, not yet ${sequence}`;
    throw new TransientError('STORE_BEHIND', behind);
  }
  return {
    orderId,
    tenantId: order.tenantId,
    customerId: order.customerId,
    failedAt: occurredAt,
    failedStep: order.saga.failedStep,
    failureCode: order.failureCode ?? '',
    failureDetailCode: order.failureDetailCode ?? '',
    failureReason: order.failureReason ?? '',
    compensations: order.saga.compensations,
    needsIntervention: order.saga.needsIntervention,
    correlationId: order.correlationId,
    traceparent: order.traceparent,
  };
}
