// Schemas of events, Event Grid's and CloudEvents': what a publisher may send, what the service adds, and the
// conversion of one into the other. It must not know HTTP or subscriptions.
import { z } from 'zod';
import type { SchemaName } from './topics';

/** A published event that is taken in. */
export interface AcceptedEvent {
  readonly id: string;
  readonly type: string;
  /** Empty where a CloudEvent has none. */
  readonly subject: string;
  readonly dataVersion: string;
  /** The event as it is delivered in its own schema. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export type ParsedEvents =
  | { readonly kind: 'events'; readonly events: readonly AcceptedEvent[] }
  /** `problem` is a sentence for the publisher. */
  | { readonly kind: 'invalid'; readonly problem: string };

/** The resource id that the service would stamp on events of a topic. */
export function topicId(topicName: string): string {
  return `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.EventGrid/topics/${topicName}`;
}

const text = z.string('must be a text').min(1, 'must not be empty');
const time = z.string('must be a time as text').refine((value) => !Number.isNaN(Date.parse(value)), {
  error: 'must be a time such as 2026-01-31T12:00:00Z',
});

const eventGridEvent = z.looseObject({
  id: text,
  subject: text,
  eventType: text,
  eventTime: time,
  topic: z.string().optional(),
  dataVersion: z.string('must be a text').default(''),
  metadataVersion: z.literal('1', 'must be 1 where it is given').default('1'),
});

const cloudEvent = z
  .looseObject({
    specversion: z.literal('1.0', 'must be 1.0'),
    id: text,
    source: text,
    type: text,
    subject: z.string('must be a text').nullish(),
    time: time.nullish(),
  })
  .superRefine((event, context) => {
    if (event['data'] !== undefined && event['data_base64'] !== undefined)
      context.addIssue({ code: 'custom', path: ['data_base64'], message: 'must not stand beside data' });
    const wrong = Object.keys(event).find((name) => name !== 'data_base64' && !/^[a-z0-9]+$/.test(name));
    if (wrong !== undefined)
      context.addIssue({
        code: 'custom',
        path: [wrong],
        message: 'is no attribute name: lower-case letters and digits',
      });
  });

/** Reads the body of a publish request to a topic; all of it is taken or nothing. */
export function parsePublished(body: unknown, schema: SchemaName, topicName: string): ParsedEvents {
  const isCloud = schema === 'CloudEventSchemaV1_0';
  if (!Array.isArray(body) && !(isCloud && typeof body === 'object' && body !== null)) {
    return {
      kind: 'invalid',
      problem: `Token Expected: StartArray, Actual Token Received: ${tokenOf(body)}.`,
    };
  }
  const events: AcceptedEvent[] = [];
  for (const [index, value] of (Array.isArray(body) ? body : [body]).entries()) {
    const parsed = isCloud ? toCloudEvent(value) : toEventGridEvent(value, topicName);
    if ('problem' in parsed) return { kind: 'invalid', problem: `Event ${index}: ${parsed.problem}.` };
    events.push(parsed);
  }
  return { kind: 'events', events };
}

/** An event of the Event Grid schema as the service delivers it to who wants CloudEvents. */
export function asCloudEvent(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { id, topic, subject, eventType, eventTime, data, dataVersion } = event;
  return {
    id,
    source: topic,
    specversion: '1.0',
    type: eventType,
    subject,
    time: eventTime,
    ...(dataVersion === '' ? {} : { dataschema: `#${String(dataVersion)}` }),
    data,
  };
}

type Parsed = AcceptedEvent | { readonly problem: string };

function toEventGridEvent(value: unknown, topicName: string): Parsed {
  const parsed = eventGridEvent.safeParse(value);
  if (!parsed.success) return { problem: describe(parsed.error) };
  const topic = topicId(topicName);
  if (parsed.data.topic !== undefined && parsed.data.topic !== topic)
    return { problem: `topic must be ${topic} or left out` };
  const { id, eventType: type, subject, dataVersion } = parsed.data;
  return { id, type, subject, dataVersion, fields: { ...parsed.data, topic } };
}

function toCloudEvent(value: unknown): Parsed {
  const parsed = cloudEvent.safeParse(value);
  if (!parsed.success) return { problem: describe(parsed.error) };
  const { id, type, subject } = parsed.data;
  return { id, type, subject: subject ?? '', dataVersion: '', fields: parsed.data };
}

function describe({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.') || 'it'} ${message}`).join('; ');
}

function tokenOf(body: unknown): string {
  if (body === null) return 'Null';
  return typeof body === 'object' ? 'StartObject' : typeof body === 'string' ? 'String' : 'Value';
}
