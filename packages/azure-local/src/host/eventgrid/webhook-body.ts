// The body of what Event Grid posts: a handshake's code, or events of either schema. Pure; it must not know HTTP.

/** An event as it came; which of the two schemas it has is the function's to see. */
export type GridEvent = Readonly<Record<string, unknown>>;

export type Parsed<Value> = { readonly kind: 'parsed'; readonly value: Value } | Unreadable;

/** `problem` is a sentence that names what is wrong. */
export interface Unreadable {
  readonly kind: 'notJson' | 'invalid';
  readonly problem: string;
}

const EVENT_GRID_FIELDS = ['id', 'eventType'];
const CLOUD_FIELDS = ['id', 'source', 'type'];

/** An array of events, or one event alone, as CloudEvents come. */
export function parseEvents(text: string): Parsed<readonly GridEvent[]> {
  const json = parseJson(text);
  if (json.kind !== 'parsed') return json;
  const events: readonly unknown[] = Array.isArray(json.value) ? json.value : [json.value];
  for (const [index, event] of events.entries()) {
    const problem = problemOf(event);
    if (problem !== undefined) return { kind: 'invalid', problem: `Event ${index} ${problem}.` };
  }
  return { kind: 'parsed', value: events as readonly GridEvent[] };
}

/** The code to be echoed; in a CloudEvent `data` is JSON inside of JSON. */
export function parseValidationCode(text: string): Parsed<string> {
  const json = parseJson(text);
  if (json.kind !== 'parsed') return json;
  const event = (Array.isArray(json.value) ? json.value[0] : json.value) as { data?: unknown } | null;
  const data = typeof event?.data === 'string' ? parseJson(event.data) : { value: event?.data };
  const code =
    'value' in data ? (data.value as { validationCode?: unknown } | null)?.validationCode : undefined;
  if (typeof code === 'string') return { kind: 'parsed', value: code };
  return { kind: 'invalid', problem: 'The validation event has no data.validationCode.' };
}

function parseJson(text: string): Parsed<unknown> {
  try {
    return { kind: 'parsed', value: JSON.parse(text) };
  } catch (error) {
    return { kind: 'notJson', problem: `The body is not JSON: ${(error as Error).message}.` };
  }
}

function problemOf(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return 'is not an object';
  const fields = event as GridEvent;
  const isCloud = fields['specversion'] !== undefined;
  const missing = (isCloud ? CLOUD_FIELDS : EVENT_GRID_FIELDS).filter(
    (name) => typeof fields[name] !== 'string',
  );
  if (missing.length === 0) return undefined;
  return `has no ${missing.join(', ')}: it is neither an Event Grid event nor a CloudEvent`;
}
