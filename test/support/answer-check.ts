// Compares an answer of the running app with the OpenAPI document: status, content type, headers, body, error code. An answer
// may have nothing that the document does not name, although its readers must put up with more.
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

export interface GivenAnswer {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** What is wrong with an answer, in one sentence; undefined when it is as documented. */
export type AnswerCheck = (answer: GivenAnswer) => string | undefined;

type Json = Readonly<Record<string, unknown>>;
interface DocumentedResponse {
  readonly headers?: Json;
  readonly content?: Readonly<
    Record<string, { readonly examples?: Json; readonly schema: { $ref: string } }>
  >;
}
interface Documented {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Json;
}
interface Operation {
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
}

const PROBLEM = 'application/problem+json';
/** Headers that say something about this API; the others are the host's. */
const OWN_HEADERS = ['location', 'link', 'x-as-of', 'x-cache', 'retry-after'];

export function createAnswerCheck(document: unknown): AnswerCheck {
  const { paths, components } = document as Documented;
  const validate = createBodyCheck(components);
  return ({ method, url, status, headers, body }) => {
    const { pathname } = new URL(url);
    const about = (what: string): string => `${method} ${pathname} ${status}: ${what}`;
    // The host answers without the app: no such route, no key, a bad request line.
    if (!headers.has('x-correlation-id')) return status === 500 ? about('a 500 of the host') : undefined;
    const operation = operationFor(paths, method, pathname);
    if (operation === undefined) {
      const isVersion = body.includes('"API_VERSION_');
      return isVersion ? undefined : about('the document has no such route');
    }
    const response = operation.responses[String(status)];
    if (response === undefined) return about('the document has no such status');
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    const content = response.content?.[type];
    if (content === undefined) return about(`the document has no such content type: ${type}`);
    const undocumented = OWN_HEADERS.filter(
      (name) => headers.has(name) && !namesOf(response.headers).includes(name),
    );
    if (undocumented.length > 0) return about(`the document has no header ${undocumented.join(', ')}`);
    const json: unknown = type.endsWith('json') ? JSON.parse(body) : body;
    const wrong = validate(content.schema.$ref, json);
    if (wrong !== undefined) return about(wrong);
    const code = type === PROBLEM ? String((json as Json)['code']) : undefined;
    return code === undefined || code in (content.examples ?? {})
      ? undefined
      : about(`the document has no code ${code} here`);
  };
}

const namesOf = (headers: Json = {}): string[] => Object.keys(headers).map((name) => name.toLowerCase());

/** Checks a JSON value against a schema of the components, closed. */
export function createBodyCheck(
  components: unknown,
): (reference: string, value: unknown) => string | undefined {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats(ajv);
  ajv.addSchema({ $id: 'http://app.example/api', components: closed(components) as object });
  return (reference, value) => {
    const validate = ajv.getSchema(`http://app.example/api${reference}`);
    if (validate === undefined) return `there is no schema ${reference}`;
    return validate(value) === true ? undefined : ajv.errorsText(validate.errors, { dataVar: 'body' });
  };
}

/** `schema` with every object taking its own fields only, unless it says otherwise. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const);
  const isOpen = 'properties' in schema && 'type' in schema && !('additionalProperties' in schema);
  return { ...Object.fromEntries(entries), ...(isOpen ? { additionalProperties: false } : {}) };
}

/** The operation for a path with or without a version; a literal segment wins over a parameter. */
function operationFor(paths: Documented['paths'], method: string, pathname: string): Operation | undefined {
  const path = pathname.replace(/^\/api(\/v1)?/, '');
  const fitting = Object.keys(paths).filter((template) => patternOf(template).test(path));
  const [first] = fitting.sort((a, b) => a.split('{').length - b.split('{').length);
  return paths[first ?? '']?.[method.toLowerCase()];
}

const patternOf = (template: string): RegExp =>
  new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`, 'i');
