// Messages between orchestrations, clients and entities, with their answers, as the extension writes them into
// histories. Text, for the reason in history-events.ts. Pure.
import { randomUUID } from 'node:crypto';
import { timestamp } from './history-events';

/** An operation on its way to an entity. */
export interface EntityRequest {
  readonly op: string;
  /** Nobody waits for its result. */
  readonly signal?: true;
  /** JSON text. */
  readonly input?: string;
  readonly id: string;
  /** The orchestration that waits, and its execution. */
  readonly parent?: string;
  readonly parentExecution?: string;
}

const NAMESPACE = 'Microsoft.Azure.WebJobs.Extensions.DurableTask';
const REQUEST_TYPE = `${NAMESPACE}.RequestMessage, ${NAMESPACE}`;
const RESPONSE_TYPE = `${NAMESPACE}.ResponseMessage, ${NAMESPACE}`;

/** .NET's default DateTime: nothing was sent there before. */
const NEVER = '0001-01-01T00:00:00';

/** The request as text; `earlierMs` is when the same sender last sent to the same entity. */
export function requestText(
  request: Omit<EntityRequest, 'id'>,
  nowMs: number,
  earlierMs: number | undefined,
): string {
  const { op, signal, input, parent, parentExecution } = request;
  const at = timestamp(nowMs);
  return JSON.stringify({
    $type: REQUEST_TYPE,
    op,
    ...(signal === undefined ? undefined : { signal }),
    ...(input === undefined ? undefined : { input }),
    id: randomUUID(),
    ...(parent === undefined ? undefined : { parent, parentExecution }),
    Timestamp: at,
    Predecessor: earlierMs === undefined ? NEVER : timestamp(earlierMs),
    requestTime: at.replace('Z', '+00:00'),
  });
}

/** Recorded: a failure's text is the JSON of what was thrown, which for an Error is `{}`. */
export const responseText = (result: string | undefined, isError: boolean): string =>
  JSON.stringify({
    $type: RESPONSE_TYPE,
    ...(result === undefined ? undefined : { result }),
    ...(isError ? { exceptionType: 'Error' } : undefined),
  });

/** Whether the input of an EventRaised is an entity's answer. */
export const isResponse = (input: string): boolean => input.startsWith(`{"$type":"${RESPONSE_TYPE}"`);

/** The id under which an entity is an instance. */
export const entityId = (name: string, key: string): string => `@${name.toLowerCase()}@${key}`;

/** Name (lower case) and key of an entity's id. */
export function entityOf(id: string): { readonly name: string; readonly key: string } {
  const at = id.indexOf('@', 1);
  return { name: id.slice(1, at), key: id.slice(at + 1) };
}

/** Whether an instance id is one of an entity; no orchestration may have such. */
export const isEntityId = (id: string): boolean => id.startsWith('@');
