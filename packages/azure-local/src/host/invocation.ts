// Runs one invocation of a function in the worker, with what the host does around it: its id, the `Executing` and
// `Executed` lines, the timeout, the outputs. Every trigger calls it.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../kit/clock';
import type { RpcRetryContext, TypedData } from './core-types';
import { Deadlines } from './deadlines';
import { durableKindOf } from './durable-triggers';
import { isOfType, type HostedFunction } from './hosted-function';
import type { HostLogger } from '../kit/log';
import { sendOutputs } from './output-kind';
import { formatTimeSpan } from './time-span';
import type { AppWorker, InvocationOrder, InvocationResult, WantedResult } from './app-worker';

/** What a trigger hands to a function. */
export interface TriggerEvent {
  /** Undefined: the trigger has no data, as an activity without input. */
  readonly data: TypedData | undefined;
  readonly metadata?: Readonly<Record<string, TypedData>> | undefined;
  /** For the log. */
  readonly reason: string;
  readonly retryContext?: RpcRetryContext;
}

/**
 * Runs `fn` once, until its outputs are sent: an answer that cannot be built, or an output that is not taken, counts as a
 * failure. Rejects with what was thrown; that is in the log already.
 */
export type Invoke = (fn: HostedFunction, event: TriggerEvent) => Promise<InvocationResult>;

export interface InvocationDependencies {
  readonly worker: AppWorker;
  readonly log: HostLogger;
  readonly clock: Clock;
  readonly functionTimeoutMs: number | undefined;
  /** The data of every `durableClient` input. */
  readonly durableClientData: TypedData | undefined;
}

/** An orchestrator's failure carries its whole state in the message, after this label. */
const ORCHESTRATOR_STATE = '$OutOfProcData$:';

export function createInvoke(dependencies: InvocationDependencies): Invoke {
  const { log, worker, functionTimeoutMs } = dependencies;
  const inTime =
    functionTimeoutMs === undefined ? undefined : withTimeout(dependencies.clock, functionTimeoutMs);
  return async (fn, event) => {
    const invocationId = randomUUID();
    const category = `Function.${fn.name}`;
    const isLogged = log.isEnabled('information', category);
    const startedMs = performance.now();
    const outcome = (status: string): string =>
      `Executed 'Functions.${fn.name}' (${status}, Id=${invocationId}, Duration=${Math.round(performance.now() - startedMs)}ms)`;
    if (isLogged) {
      log.write(
        'information',
        category,
        `Executing 'Functions.${fn.name}' (Reason='${event.reason}', Id=${invocationId})`,
      );
    }
    try {
      const run = runIn(worker, fn, toOrder(dependencies, fn, event, invocationId));
      const result = await (inTime === undefined ? run : inTime(run, fn.name, invocationId));
      if (isLogged) log.write('information', category, outcome('Succeeded'));
      return result;
    } catch (error) {
      log.write('error', category, outcome('Failed'), withoutOrchestratorState(error));
      throw error;
    }
  };
}

async function runIn(
  worker: AppWorker,
  { outputs }: HostedFunction,
  order: InvocationOrder,
): Promise<InvocationResult> {
  const result = await worker.invoke(order);
  if (outputs !== undefined && result.response !== undefined) await sendOutputs(outputs, result.response);
  return result;
}

function toOrder(
  { durableClientData }: InvocationDependencies,
  fn: HostedFunction,
  event: TriggerEvent,
  invocationId: string,
): InvocationOrder {
  const inputData: { name: string; data: TypedData | undefined }[] = [
    { name: fn.triggerName, data: event.data },
  ];
  for (const name of fn.clientInputs) inputData.push({ name, data: durableClientData });
  const { metadata, retryContext } = event;
  return {
    functionName: fn.name,
    invocationId,
    inputData,
    wants: wantedOf(fn),
    ...(metadata === undefined ? undefined : { triggerMetadata: metadata }),
    ...(retryContext === undefined ? undefined : { retryContext }),
  };
}

function wantedOf({ trigger, outputs }: HostedFunction): WantedResult {
  const wantsResponse = outputs !== undefined || isOfType(trigger, 'httpTrigger');
  if (durableKindOf(trigger) === undefined) return wantsResponse ? 'response' : 'end';
  return wantsResponse ? 'both' : 'returned';
}

/**
 * `functionTimeout` of host.json. The platform ends the worker process; here the invocation fails and whatever the
 * handler still does goes on unheard.
 */
function withTimeout(
  clock: Clock,
  timeoutMs: number,
): <Result>(run: Promise<Result>, name: string, invocationId: string) => Promise<Result> {
  const deadlines = new Deadlines(clock, timeoutMs);
  return (run, name, invocationId) =>
    new Promise((resolve, reject) => {
      const end = deadlines.begin(() =>
        reject(
          new Error(
            `Timeout value of ${formatTimeSpan(timeoutMs)} was exceeded by function 'Functions.${name}' (Id: '${invocationId}'). ` +
              'On the platform the worker would now be restarted. Make the work shorter, or raise functionTimeout in host.json.',
          ),
        ),
      );
      run.finally(end).then(resolve, reject);
    });
}

function withoutOrchestratorState(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const end = error.message.indexOf(ORCHESTRATOR_STATE);
  return end === -1 ? error : error.message.slice(0, end).trim();
}
