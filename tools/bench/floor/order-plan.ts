// Plan of the store writes of one order that completes, batch by batch, taken from the events of a real one. The
// domain's fold makes the documents once; afterwards nothing is folded.
import type { OperationInput } from '@azure/cosmos';
import { changedFields, toEventDocument, toOrderDocument } from '../../../src/adapters/cosmos-documents';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { evolve, fold, headOf, type Order } from '../../../src/domain/order';
import { toOrderSummary, toOrderView } from '../../../src/queries/order-view';

/** What differs between two orders. */
export interface OrderIdentity {
  readonly orderId: string;
  readonly customerId: string;
}

/** Operations of one batch for the order at hand; `etag` guards the patch of the document. */
export type PlannedBatch = (identity: OrderIdentity, etag?: string) => OperationInput[];

export interface OrderPlan {
  /** The batch that stores the order, then one per step. */
  readonly create: PlannedBatch;
  readonly steps: readonly PlannedBatch[];
  /** The answer to the POST. */
  readonly answer: (identity: OrderIdentity) => string;
  /** Its document in `customer-orders`, as the last event leaves it. */
  readonly listed: (identity: OrderIdentity) => Record<string, unknown>;
  /** The order when its last event was written. */
  readonly order: Order;
}

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** The plan of the order that `events` (all of them, in sequence) tell of. Throws when it did not complete. */
export function planOf(events: readonly EventEnvelope[]): OrderPlan {
  const [stored = [], ...appended] = batchesIn(events);
  const orderId = stored[0]?.orderId ?? '';
  const created = fold(orderId, stored);
  const order = fold(orderId, events);
  if (created === undefined || order?.status !== 'completed') {
    throw new Error(
      `The floor is made from an order that completed; ${orderId} is ${order?.status ?? 'no order'}.`,
    );
  }
  const template = templateOf(order);
  const listed = template({ ...toOrderSummary(order), customerKey: order.customerKey });
  return {
    create: operationsOf(template, [
      { operationType: 'Create', resourceBody: toOrderDocument(created) },
      ...stored.map(createEvent),
    ]),
    steps: stepsOf(created, appended).map((operations) => operationsOf(template, operations)),
    answer: template(toOrderView(created)),
    listed: (identity) => JSON.parse(listed(identity)) as Record<string, unknown>,
    order,
  };
}

/** Events that were written together: the first have no key, the others share the key of their step. */
function batchesIn(events: readonly EventEnvelope[]): readonly (readonly EventEnvelope[])[] {
  const batches: EventEnvelope[][] = [];
  for (const event of events) {
    const batch = batches.at(-1);
    if (batch !== undefined && batch[0]?.key === event.key) batch.push(event);
    else batches.push([event]);
  }
  return batches;
}

function stepsOf(created: Order, batches: readonly (readonly EventEnvelope[])[]): OperationInput[][] {
  let before = headOf(created);
  return batches.map((events) => {
    const after = events.reduce(evolve, before);
    const operations = changedFields(before, after);
    before = after;
    return [
      { operationType: 'Patch', id: created.orderId, ifMatch: '', resourceBody: { operations } },
      ...events.map(createEvent),
    ];
  });
}

function createEvent(event: EventEnvelope): OperationInput {
  return { operationType: 'Create', resourceBody: toEventDocument(event) };
}

type Template = (value: unknown) => (identity: OrderIdentity) => string;

/** A value as text, with ids and times of the order at hand in place of the sample's. */
function templateOf(sample: OrderIdentity): Template {
  return (value) => {
    const text = JSON.stringify(value);
    return ({ orderId, customerId }) =>
      text
        .replaceAll(sample.orderId, orderId)
        .replaceAll(sample.customerId, customerId)
        .replaceAll(TIME, new Date().toISOString());
  };
}

function operationsOf(template: Template, operations: OperationInput[]): PlannedBatch {
  const text = template(operations);
  return (identity, etag) => {
    const filled = JSON.parse(text(identity)) as OperationInput[];
    const [first] = filled;
    if (etag !== undefined && first?.operationType === 'Patch') first.ifMatch = etag;
    return filled;
  };
}
