// Parser of what Event Grid posts to a webhook: the code of a handshake, or events of either schema. Pure; it must not
// know HTTP.

/** An event as it came; which of the two schemas it has, and whether it is whole, is the function's to see. */
export type GridEvent = Readonly<Record<string, unknown>>;

export type Parsed<Value> = { readonly kind: 'parsed'; readonly value: Value } | Unreadable;

/** `problem` is a sentence that names what is wrong. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly problem: string;
}

/** An array of events, or one event alone, as CloudEvents come. */
export function parseEvents(text: string): Parsed<readonly GridEvent[]> {
  const json = parseJson(text);
  if (json.kind !== 'parsed') return json;
  const events: readonly unknown[] = Array.isArray(json.value) ? json.value : [json.value];
  const index = events.findIndex((event) => !isObject(event));
  if (index >= 0) return unreadable(`event ${index} is not an object`);
  return { kind: 'parsed', value: events as readonly GridEvent[] };
}

/** The code to be echoed; in a CloudEvent `data` may be JSON inside of JSON, in an array of events it may not. */
export function parseValidationCode(text: string): Parsed<string> {
  const json = parseJson(text);
  if (json.kind !== 'parsed') return json;
  const event: unknown = Array.isArray(json.value) ? json.value[0] : json.value;
  const data = isObject(event) ? event['data'] : undefined;
  const inner = typeof data === 'string' && !Array.isArray(json.value) ? parseJson(data) : undefined;
  const found = inner?.kind === 'parsed' ? inner.value : data;
  const code = isObject(found) ? found['validationCode'] : undefined;
  return typeof code === 'string'
    ? { kind: 'parsed', value: code }
    : unreadable('the validation event has no data.validationCode');
}

function parseJson(text: string): Parsed<unknown> {
  try {
    return { kind: 'parsed', value: JSON.parse(text) };
  } catch (error) {
    return unreadable(`the body is not JSON: ${(error as Error).message}`);
  }
}

const isObject = (value: unknown): value is GridEvent =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unreadable = (problem: string): Unreadable => ({ kind: 'unreadable', problem });
