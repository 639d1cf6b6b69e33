// Types of the simulated services: call, decision and answer.
//
// simulator-operation.V1  `decide` only reads and its effect runs in the same synchronous stretch, so no other call
//   comes in between.
// simulator-operation.V2  A decision without an effect changes nothing. The refusal of a call to do has one: it is
//   stored under its key. A body that does not fit its schema says nothing about the key, and is not stored.
import { z } from 'zod';

/** The services by the first segment of their paths, with what each can be asked for. */
export const OPERATIONS = {
  inventory: ['reserve', 'confirm', 'release', 'restock', 'lookUp'],
  payments: ['charge', 'refund', 'refundPart', 'lookUp'],
  shipping: ['ship', 'cancel', 'lookUp'],
  promotions: ['redeem', 'cancel', 'lookUp'],
  notifications: ['send', 'lookUp'],
} as const;

export type ServiceName = keyof typeof OPERATIONS;
export type OperationName = (typeof OPERATIONS)[ServiceName][number];

export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a service would do: the answer, and how the stored state changes if it acts (run inside one journal write). */
export interface Decision {
  readonly answer: Answer;
  readonly effect?: () => void;
}

/** A call as an operation sees it; `key` is the key of the reservation, charge, shipment or message it is about. */
export interface Call<Body = unknown> {
  readonly key: string;
  readonly body: Body;
}

export interface Operation {
  readonly name: OperationName;
  /** What would happen now. Reads only, and may be asked again (simulator-operation.V1). */
  decide(call: Call): Decision;
  /** The typical business refusal, for fault plans: of a call that would have an effect. A look-up has none. */
  refuse?(call: Call): Decision;
}

/** On whose behalf: part of every body. */
export const onBehalfOf = z.object({ orderId: z.string().min(1), customerId: z.string().min(1) });
export type OnBehalfOf = Readonly<z.infer<typeof onBehalfOf>>;

/** An operation whose body must fit `schema`; any other body is answered with a 400 that names the field. */
export function operation<Body>(
  name: OperationName,
  schema: z.ZodType<Body>,
  { decide, refuse }: Record<'decide' | 'refuse', (call: Call<Body>) => Decision>,
): Operation {
  const parsing =
    (then: (call: Call<Body>) => Decision) =>
    ({ key, body }: Call): Decision => {
      const parsed = schema.safeParse(body);
      return parsed.success
        ? then({ key, body: parsed.data })
        : { answer: invalid('INVALID_BODY', parsed.error) };
    };
  return { name, decide: parsing(decide), refuse: parsing(refuse) };
}

/** A look-up by key: 404 when `find` knows nothing of it. */
export function lookUp(find: (key: string) => object | undefined): Operation {
  return {
    name: 'lookUp',
    decide({ key }) {
      const found = find(key);
      const answer =
        found === undefined
          ? refused(404, 'NOT_FOUND', `The key '${key}' was not used yet.`)
          : { status: 200, body: found };
      return { answer };
    },
  };
}

/** A refusal as the services phrase it: a code for programs and a sentence for people. */
export function refused(status: number, code: string, message: string, more: object = {}): Answer {
  return { status, body: { code, message, ...more } };
}

/** A 400 that names every field that does not fit, as a path from the top of the body. */
export function invalid(code: string, { issues }: z.ZodError): Answer {
  const errors = issues.map(({ path, message }) => ({ path: pathText(path), message }));
  const message = errors.map((error) => `${error.path}: ${error.message}`).join('; ');
  return refused(400, code, message, { errors });
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text === '' ? '(top level)' : text.replace(/^\./, '');
}
