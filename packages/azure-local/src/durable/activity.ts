// Runs one activity and makes its completion event as the extension writes it into the history: the result as JSON
// text, or the failure as .NET exception text around what the handler threw.
import { inspect } from 'node:util';
import type { Clock } from '../kit/clock';
import type { DurableFunctionInvoker } from './contract';
import { activityException } from './exception-text';
import { taskCompleted, taskFailed, timestamp, type EventText } from './history-events';
import { jsonText } from './json-text';
import type { ActivityTask, Ending } from './tasks';

/** How an activity ended, with the event that says so. */
export interface ActivityEnd extends Ending {
  readonly event: EventText;
}

/** Runs an activity once and returns how it ended; never rejects. */
export async function callActivity(
  functions: DurableFunctionInvoker,
  clock: Clock,
  instanceId: string,
  { id, name, input }: ActivityTask,
): Promise<ActivityEnd> {
  const metadata = { instanceId, ...(input === undefined ? undefined : { data: input }) };
  try {
    return completed(id, name, await functions.invoke(name, input, metadata), timestamp(clock.now()));
  } catch (error) {
    return failed(id, name, error, timestamp(clock.now()));
  }
}

/** The event for what the handler returned. A value that JSON cannot carry is a failure, as it would be on Azure. */
function completed(id: number, name: string, returned: unknown, at: string): ActivityEnd {
  let result: string | null;
  try {
    result = jsonText(returned);
  } catch (error) {
    return failed(id, name, error, at);
  }
  return { event: taskCompleted(id, result, at) };
}

/** The event for what the handler threw. */
function failed(id: number, name: string, thrown: unknown, at: string): ActivityEnd {
  const error = errorOf(thrown);
  const reason = `Activity function '${name}' failed: ${error.message}`;
  return { event: taskFailed(id, reason, activityException(error), at), hasFailed: true };
}

/** Node's worker makes an Error of whatever was thrown, in this way. */
function errorOf(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  if (typeof thrown === 'string') return new Error(thrown);
  if (typeof thrown === 'object' && thrown !== null) {
    const { message, stack } = thrown as { message?: unknown; stack?: unknown };
    // An Error of another realm (a vm context, jest) fails `instanceof`.
    if (typeof message === 'string' && typeof stack === 'string') return thrown as Error;
    return new Error(textOf(thrown));
  }
  return new Error(
    typeof thrown === 'number' || typeof thrown === 'boolean' ? String(thrown) : 'Unknown error',
  );
}

/** What was thrown may be as unfit for JSON as what is returned. */
function textOf(thrown: object): string {
  try {
    return jsonText(thrown) ?? inspect(thrown);
  } catch {
    return inspect(thrown);
  }
}
