// Generator of docs/events.md: every event type with its versions and fields, as the registries have them.
import { inventoryEvents, orderEvents, orderEventSchema, parcelEvents } from '../../src/events/catalogue';
import { isCompatible, type JsonSchema } from '../../src/events/compatibility';
import type { INVENTORY_EVENT_SCHEMAS } from '../../src/events/inventory-events';
import type { PARCEL_EVENT_SCHEMAS } from '../../src/events/parcel-events';
import { jsonSchemaOf, type EventRegistry, type RegisteredVersion } from '../../src/events/registry';
import { ORDER_EVENT_SCHEMAS } from '../../src/events/schemas';
import type { OrderEventType } from '../../src/domain/order-events';
import { markdownTable } from './tables';

type IncomingType = keyof typeof INVENTORY_EVENT_SCHEMAS | keyof typeof PARCEL_EVENT_SCHEMAS;

/** When each event happens, for people; the compiler asks for an entry per type. */
const MEANINGS: Readonly<Record<IncomingType | OrderEventType, string>> = {
  OrderCreated: 'An order was taken; the first event of every stream.',
  SagaStarted: 'The saga of the order began with its first step.',
  StockReserved: 'The inventory reserved every line.',
  StockReservationFailed: 'The inventory did not reserve, or nobody knows whether it did.',
  CouponApplied: 'The coupon was used: the discount, and what is due. It fixes what each payment is over.',
  CouponRejected:
    'The coupon was not used, or nobody knows whether it was. `nextStep`: the order goes on at its full price; null: it goes back.',
  PaymentProcessed:
    'The money was taken. Of a free order none was, and the payment service was not asked: `amountMinor` is 0 and `transactionId` is `free-` and the order’s id.',
  PaymentFailed: 'The money was not taken, or nobody knows whether it was.',
  ApprovalRequested:
    'The total is above `limitMinor`: a person is asked to approve the order, until `expiresAt`.',
  OrderApproved:
    'The order may be shipped. `automatic`: nobody had to approve it. Otherwise `answeredBy` is who did, or `timeout`.',
  ApprovalRejected:
    'The order was rejected by `answeredBy`, or nobody answered in time (`timeout`): it is undone.',
  SplitPaymentProcessed: 'Every part of a split payment is charged; comes with the last of them.',
  ShipmentCreated: 'The carrier took the parcel: the pivot, after which nothing is undone.',
  ShipmentFailed: 'The carrier did not take the parcel, or nobody knows whether it did.',
  StockConfirmed: 'The reserved goods left the stock. Where nothing ships it is the pivot.',
  StockConfirmationFailed:
    'The inventory did not confirm an order of which nothing ships, or nobody knows whether it did.',
  CancelRequested: 'Cancelling was requested, in time.',
  CompensationStarted: 'The saga turned round and undoes what may have been done.',
  PaymentRefunded: 'The money was given back; of a free order there was none.',
  CouponCancelled: 'The coupon can be used again.',
  ShipmentCancelled: 'The parcel was called back.',
  StockReleased: 'The reserved goods were given free.',
  CompensationFailed: 'Something could not be undone: an operator must look.',
  InterventionOpened: 'A step after the pivot cannot be done, or a saga was lost: an operator must look.',
  OperatorActed:
    'An operator did something that no other event tells: who, why, and what was before and after.',
  InterventionResolved:
    'What a person had to look at is settled: undone after all, ended with the order, or by a note.',
  OrderCompleted: 'Everything is done.',
  OrderFailed: 'The order failed, and what could be undone is undone.',
  OrderCancelled: 'The order was cancelled, and what could be undone is undone.',
  ReturnRequested:
    'Items of a completed order are to be returned; it begins the saga of the return with this number.',
  ReturnAuthorised: 'The return may be sent; until `parcelDueAt` the parcel is waited for.',
  ReturnReceived: 'The parcel of the return came; of a rejected return: too late.',
  ReturnInspected:
    'What was found in the parcel: the return’s pivot, which fixes what is given back of each charge.',
  ReturnRefunded: 'A part of the refund was given back.',
  ReturnRestocked: 'The undamaged pieces are back on the shelf.',
  ReturnRejected: 'The return was cancelled, its parcel did not come, or nothing was accepted.',
  ReturnClosed: 'Everything about the return is done.',
  ShipmentDispatched: 'The carrier told that the parcel is on its way.',
  OrderDelivered: 'The carrier told that the parcel was handed over.',
  StockUpdated: 'The inventory tells how much there is of a product.',
  StockLow: 'The inventory tells that a product runs out.',
  PriceChanged: 'The inventory tells a new price.',
  ParcelDispatched: 'The carrier tells that a parcel is on its way.',
  ParcelDelivered: 'The carrier tells that a parcel was handed over.',
};

/** The whole page. */
export function eventsPage(): string {
  return [
    '# Event catalogue',
    'Every event type with its versions and fields. Written by `npm run docs` from the registries in `src/events/`; the same as JSON Schema: `GET /api/schemas/{type}`. How to add one: [new-event-type.md](new-event-type.md).',
    '## The envelope',
    'Around every event of an order. `data` is described below, by type; written is always the newest version, and older ones are read as the newest.',
    fieldTable(jsonSchemaOf(orderEventSchema(envelopeOnly))),
    '## Events of an order',
    ...sections(orderEvents),
    '## Events of the inventory',
    'They come in through Event Grid; `data` is:',
    ...sections(inventoryEvents),
    '## Events of carriers',
    'They come in through Event Grid, as `Shipping.` and the type; `data` is:',
    ...sections(parcelEvents),
  ].join('\n\n');
}

const envelopeOnly = { type: 'OrderCreated', version: 1, data: ORDER_EVENT_SCHEMAS.OrderCompleted[0] };

function sections(registry: EventRegistry): string[] {
  return registry.types().flatMap((type) => {
    const versions = registry.versionsOf(type) ?? [];
    const newest = versions.at(-1);
    if (newest === undefined) return [];
    return [
      `### ${type}`,
      `${MEANINGS[type as keyof typeof MEANINGS]} Version ${newest.version}.`,
      ...versions.slice(1).map((version, index) => changeText(versions[index] ?? version, version)),
      fieldTable(jsonSchemaOf(newest.data)),
    ];
  });
}

function changeText(before: RegisteredVersion, after: RegisteredVersion): string {
  const compared = isCompatible(jsonSchemaOf(before.data), jsonSchemaOf(after.data));
  const what = compared.compatible ? 'optional fields were added' : compared.reasons.join('; ');
  return `Version ${before.version} → ${after.version}: ${what}.`;
}

function fieldTable(schema: JsonSchema): string {
  const rows = fieldsOf(schema, '').filter(
    ([field = '']) => !(field.startsWith('`data.') || field === '`data`'),
  );
  return rows.length === 0 ? 'No fields.' : markdownTable(['Field', 'Type', 'Required'], rows);
}

/** One row per field, nested ones behind the field they are in. */
function fieldsOf(schema: unknown, path: string): string[][] {
  const { properties = {}, required = [], items, anyOf = [] } = schema as Shape;
  const within = Object.entries(properties).flatMap(([name, type]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return [[`\`${at}\``, typeText(type), required.includes(name) ? 'yes' : 'no'], ...fieldsOf(type, at)];
  });
  const inItems = items === undefined ? [] : fieldsOf(items, `${path}[]`);
  return [...within, ...inItems, ...anyOf.flatMap((option) => fieldsOf(option, path))];
}

/** The part of JSON Schema that zod writes for our events. */
interface Shape {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: JsonSchema;
  readonly required?: readonly string[];
  readonly items?: unknown;
  readonly anyOf?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
}

function typeText(schema: unknown): string {
  const shape = schema as Shape;
  if (shape.anyOf !== undefined) return shape.anyOf.map(typeText).join(' or ');
  if (shape.enum !== undefined) return shape.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (shape.items !== undefined) return `list of ${typeText(shape.items)}`;
  if (shape.pattern?.includes('T') === true) return 'UTC time';
  const type = typeof shape.type === 'string' ? [shape.type] : (shape.type ?? []);
  const least = shape.minimum === undefined ? '' : ` from ${shape.minimum}`;
  return type.join(' or ') + least;
}
