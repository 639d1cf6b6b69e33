// Registries of event schemas: events of orders, which this app writes, and events of the inventory and of carriers, which it receives.
import { z } from 'zod';
import { TerminalError } from '../errors';
import type { JsonSchema } from './compatibility';
import { INVENTORY_EVENT_SCHEMAS } from './inventory-events';
import { PARCEL_EVENT_SCHEMAS } from './parcel-events';
import { createEventRegistry, jsonSchemaOf, type EventRegistry, type EventVersion } from './registry';
import { ORDER_EVENT_SCHEMAS, name, utcTime } from './schemas';
import { UPCASTERS, type Upcast } from './upcasters';

/** What becomes the id of documents, sessions and messages: one that their services refuse would hold up all behind it. */
const id = name.refine((text) => text.length <= 128 && !/[/\\?#]/.test(text), {
  error: 'must have at most 128 characters and none of / \\ ? #',
});

/** An event of an order, around the payload of one version. */
export function orderEventSchema({ type, version, data }: EventVersion): z.ZodObject {
  return z.object({
    eventId: id,
    type: z.literal(type),
    schemaVersion: z.literal(version),
    orderId: id,
    tenantId: name,
    sequence: z.int().min(1),
    correlationId: name,
    causationId: name.nullable(),
    actor: name,
    occurredAt: utcTime,
    traceparent: z.string(),
    key: z.string().nullable(),
    data,
  });
}

/** Any event of an order, with a payload of which nothing is known. */
export const anyOrderEventSchema = orderEventSchema({ type: '', version: 1, data: z.unknown() }).extend({
  type: name,
  schemaVersion: z.int().min(1),
});

/** Every event of an order that this code reads and writes. */
export const orderEvents = registryOf(orderEventSchema, ORDER_EVENT_SCHEMAS, UPCASTERS);

/** Events of the inventory: only their payload is ours to describe. */
export const inventoryEvents = registryOf(({ data }) => data, INVENTORY_EVENT_SCHEMAS, {});

/** News of parcels from a carrier: only their payload is ours to describe. */
export const parcelEvents = registryOf(({ data }) => data, PARCEL_EVENT_SCHEMAS, {});

export interface TypeDescription {
  readonly type: string;
  readonly currentVersion: number;
  readonly versions: readonly { readonly version: number; readonly schema: JsonSchema }[];
}

/** All versions of a type as JSON Schema, or undefined when no registry knows it. */
export function describeType(type: string): TypeDescription | undefined {
  const versions = [orderEvents, inventoryEvents, parcelEvents]
    .map((registry) => registry.versionsOf(type))
    .find((known) => known !== undefined);
  return (
    versions && {
      type,
      currentVersion: versions.length,
      versions: versions.map(({ version, schema }) => ({ version, schema: jsonSchemaOf(schema) })),
    }
  );
}

function registryOf(
  whole: (offer: EventVersion) => z.ZodType,
  table: Readonly<Record<string, readonly z.ZodType[]>>,
  upcasters: Readonly<Record<string, readonly Upcast[]>>,
): EventRegistry {
  const registry = createEventRegistry(whole);
  for (const [type, versions] of Object.entries(table)) {
    versions.forEach((data, index) => {
      const offer = { type, version: index + 1, data, upcast: upcasters[type]?.[index - 1] };
      const result = registry.register(offer);
      if (result.kind === 'refused') throw new TerminalError('SCHEMA_REFUSED', result.reasons.join('\n'));
    });
  }
  return registry;
}
