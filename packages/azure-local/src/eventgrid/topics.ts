// Parser of topics and their webhook subscriptions, as `topics.json` and the control API give them. Names and limits
// are those of the service's resource definitions (`Microsoft.EventGrid/topics`, `…/eventSubscriptions`); it knows no
// delivery.
import { z } from 'zod';

/** The key of every topic that names none; like the emulators' keys it guards nothing. */
export const LOCAL_KEY = 'bG9jYWwtZXZlbnQtZ3JpZC1rZXktZm9yLWV2ZXJ5LXRvcGlj';

/** What may stand in the place of variables such as `{functions}` in endpoint URLs. */
export type Variables = Readonly<Record<string, string>>;

const NAME = /^[A-Za-z0-9-]{3,64}$/;
const name = z.string().regex(NAME, 'must be 3 to 64 letters, digits and hyphens');
const schemaName = z.enum(
  ['EventGridSchema', 'CloudEventSchemaV1_0'],
  'must be EventGridSchema or CloudEventSchemaV1_0; CustomInputSchema is not simulated by the local host',
);
const key = z.string().regex(/^[^.]+(\.[^.]+)*$/, 'must be a path such as subject or data.quantity');

const advancedFilter = z.discriminatedUnion(
  'operatorType',
  [
    z.strictObject({
      operatorType: z.literal('StringIn'),
      key,
      values: z.array(z.string()).min(1).max(25),
    }),
    z.strictObject({ operatorType: z.literal('NumberGreaterThan'), key, value: z.number() }),
  ],
  'must be StringIn or NumberGreaterThan; the other operators are not simulated by the local host',
);

const MINUTES_OF_A_DAY = 1_440;

const subscription = z.strictObject({
  name,
  endpointUrl: z.string().regex(/^https?:\/\/[^/]/, 'must be an http:// or https:// URL'),
  includedEventTypes: z.array(z.string().min(1)).optional(),
  subjectBeginsWith: z.string().default(''),
  subjectEndsWith: z.string().default(''),
  isSubjectCaseSensitive: z.boolean().default(false),
  advancedFilters: z.array(advancedFilter).max(25).default([]),
  eventDeliverySchema: schemaName.optional(),
  maxDeliveryAttempts: z.int().min(1).max(30).default(30),
  eventTimeToLiveInMinutes: z.int().min(1).max(MINUTES_OF_A_DAY).default(MINUTES_OF_A_DAY),
  deadLetter: z.boolean().default(false),
});

const topic = z.strictObject({
  name: name
    .max(50, 'must have at most 50 characters')
    .refine((value) => value !== 'control', 'must not be control: that is the path of the control API'),
  key: z.string().min(1).default(LOCAL_KEY),
  inputSchema: schemaName.default('EventGridSchema'),
  subscriptions: z.array(z.unknown()).default([]),
});

export type SchemaName = z.infer<typeof schemaName>;
export type AdvancedFilter = z.infer<typeof advancedFilter>;
export interface Subscription extends Readonly<z.infer<typeof subscription>> {
  readonly eventDeliverySchema: SchemaName;
}

export interface Topic {
  readonly name: string;
  readonly key: string;
  readonly inputSchema: SchemaName;
  readonly subscriptions: readonly Subscription[];
}

/** A definition that cannot be used; `message` says where it is wrong and what it takes. */
export class TopicsError extends Error {
  constructor(where: string, problem: string) {
    super(`${where}: ${problem}`);
    this.name = 'TopicsError';
  }
}

/**
 * Reads a definition file: `{ "topics": [{ name, key?, inputSchema?, subscriptions? }] }`, see `subscription` above for
 * what a subscription says. `{name}` in endpoint URLs is replaced by the variable of that name.
 * @throws TopicsError
 */
export function parseTopics(definitions: unknown, variables: Variables = {}): readonly Topic[] {
  const { topics } = check(z.strictObject({ topics: z.array(topic) }), definitions, 'Event Grid topics');
  refuseTwins(topics, 'Event Grid topics');
  return topics.map(({ subscriptions, ...each }) => {
    const where = `Event Grid topic ${each.name}`;
    const parsed = subscriptions.map((value) => parseSubscription(value, each.inputSchema, where, variables));
    refuseTwins(parsed, where);
    return { ...each, subscriptions: parsed };
  });
}

/** Reads one subscription to a topic with this input schema. @throws TopicsError */
export function parseSubscription(
  value: unknown,
  inputSchema: SchemaName,
  where: string,
  variables: Variables = {},
): Subscription {
  const parsed = check(subscription, substitute(value, variables, where), where);
  const { eventDeliverySchema = inputSchema } = parsed;
  if (inputSchema === 'CloudEventSchemaV1_0' && eventDeliverySchema === 'EventGridSchema') {
    throw new TopicsError(
      where,
      `subscription ${parsed.name} wants CloudEvents delivered as EventGridSchema, which the service does not offer; leave eventDeliverySchema away.`,
    );
  }
  if (!URL.canParse(parsed.endpointUrl))
    throw new TopicsError(where, `endpointUrl ${parsed.endpointUrl} is not a URL.`);
  return { ...parsed, eventDeliverySchema };
}

function substitute(value: unknown, variables: Variables, where: string): unknown {
  if (typeof value !== 'object' || value === null || !('endpointUrl' in value)) return value;
  const { endpointUrl } = value;
  if (typeof endpointUrl !== 'string') return value;
  return {
    ...value,
    endpointUrl: endpointUrl.replace(/\{(\w+)\}/g, (_, variable: string) => {
      const found = variables[variable];
      if (found !== undefined) return found;
      const known = Object.keys(variables).join(', ');
      throw new TopicsError(
        where,
        `endpointUrl ${endpointUrl} names {${variable}}; known are: ${known || 'none'}.`,
      );
    }),
  };
}

function refuseTwins(items: readonly { readonly name: string }[], where: string): void {
  const names = items.map((item) => item.name.toLowerCase());
  const twin = names.find((each, index) => names.indexOf(each) !== index);
  if (twin !== undefined)
    throw new TopicsError(where, `the name ${twin} is used twice (names are compared without case).`);
}

function check<Output>(schema: z.ZodType<Output>, value: unknown, where: string): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message, code, ...issue }) => {
    const place = path.join('.') || 'top level';
    if (code !== 'unrecognized_keys') return `${place} ${message}`;
    return `${place} has ${(issue as { keys: string[] }).keys.join(', ')}, which is not simulated by the local host`;
  });
  throw new TopicsError(where, `${problems.join('; ')}.`);
}
