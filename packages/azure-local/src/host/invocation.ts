// Runs one invocation of a function through the programming model, as the real worker does: arguments, hooks, handler,
// answer; and writes the `Executing` and `Executed` lines. Every trigger calls it.
import { randomUUID } from 'node:crypto';
import type { Alarm, Clock } from '../kit/clock';
import type { AppRegistry } from './core-module';
import type {
  CoreInvocationContext,
  CoreLogCategory,
  CoreLogLevel,
  InvocationModel,
  InvocationRequest,
  ProgrammingModel,
  RpcRetryContext,
  TypedData,
} from './core-types';
import type { HostedFunction } from './hosted-function';
import type { HostLogger } from '../kit/log';
import { sendOutputs } from './output-kind';
import { formatTimeSpan } from './time-span';

/** What a trigger hands to a function. */
export interface TriggerEvent {
  /** Undefined: the trigger has no data, as an activity without input. */
  readonly data: TypedData | undefined;
  readonly metadata?: Readonly<Record<string, TypedData>> | undefined;
  /** For the log. */
  readonly reason: string;
  readonly retryContext?: RpcRetryContext;
}

/** Makes the result of what the handler returned. */
type Finish<Result> = (
  model: Pick<InvocationModel, 'getResponse'>,
  context: object,
  returned: unknown,
) => Result | Promise<Result>;

/**
 * Runs `fn` once. `finish` runs still inside the invocation and after outputs are sent, so that an answer that cannot be
 * built, or an output that is not taken, counts as a failure. Rejects with what was thrown; that is in the log already.
 */
export type Invoke = <Result>(
  fn: HostedFunction,
  event: TriggerEvent,
  finish: Finish<Result>,
) => Promise<Result>;

export interface InvocationDependencies {
  readonly app: AppRegistry;
  readonly model: ProgrammingModel;
  readonly log: HostLogger;
  readonly clock: Clock;
  readonly functionTimeoutMs: number | undefined;
  /** What the app-level hooks share; hooks of one invocation share `hookData` beside it. */
  readonly appHookData: object;
  /** The data of every `durableClient` input. */
  readonly durableClientData: TypedData | undefined;
}

/** An orchestrator's failure carries its whole state in the message, after this label. */
const ORCHESTRATOR_STATE = '$OutOfProcData$:';
/** What the recorded platform hands over without Application Insights. */
const NO_TRACE = { traceParent: '', traceState: '', attributes: {} };

export function createInvoke(dependencies: InvocationDependencies): Invoke {
  const { log, model } = dependencies;
  return async (fn, event, finish) => {
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
      const context = createCoreContext(dependencies, fn, event, invocationId, category);
      const run = runHandler(dependencies, fn, context, model.getInvocationModel(context), finish);
      const result = await withTimeout(run, dependencies, fn.name, invocationId);
      if (isLogged) log.write('information', category, outcome('Succeeded'));
      return result;
    } catch (error) {
      log.write('error', category, outcome('Failed'), withoutOrchestratorState(error));
      throw error;
    }
  };
}

async function runHandler<Result>(
  { app, appHookData }: InvocationDependencies,
  fn: HostedFunction,
  core: CoreInvocationContext,
  model: InvocationModel,
  finish: Finish<Result>,
): Promise<Result> {
  const { context, inputs } = await model.getArguments();
  const hasBefore = app.hasHooks('preInvocation');
  const hasAfter = app.hasHooks('postInvocation');
  if (!hasBefore && !hasAfter) {
    core.state = 'invocation';
    return conclude(fn, model, context, await model.invokeFunction(context, inputs, fn.handler), finish);
  }
  const shared = { hookData: {}, appHookData, invocationContext: context };
  const before = { ...shared, inputs, functionCallback: fn.handler };
  core.state = 'preInvocationHooks';
  await app.runHooks('preInvocation', before);
  const after: { result: unknown; error: unknown } = { result: null, error: null };
  core.state = 'invocation';
  try {
    after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error;
  }
  core.state = 'postInvocationHooks';
  const afterContext = Object.assign(after, shared, { inputs: before.inputs });
  await app.runHooks('postInvocation', afterContext);
  // A hook may have put another result in place, or have taken the error away.
  if (after.error !== null && after.error !== undefined) throw after.error as Error;
  return conclude(fn, model, context, after.result, finish);
}

async function conclude<Result>(
  { outputs }: HostedFunction,
  model: InvocationModel,
  context: object,
  returned: unknown,
  finish: Finish<Result>,
): Promise<Result> {
  if (outputs === undefined) return finish(model, context, returned);
  const response = await model.getResponse(context, returned);
  await sendOutputs(outputs, response);
  // Asked for once: the body of an HTTP answer is a stream.
  return finish({ getResponse: () => Promise.resolve(response) }, context, returned);
}

function createCoreContext(
  { app, log, durableClientData }: InvocationDependencies,
  fn: HostedFunction,
  event: TriggerEvent,
  invocationId: string,
  category: string,
): CoreInvocationContext {
  const inputData: { name: string; data: TypedData | undefined }[] = [
    { name: fn.triggerName, data: event.data },
  ];
  for (const name of fn.clientInputs) inputData.push({ name, data: durableClientData });
  const request: InvocationRequest = {
    invocationId,
    inputData,
    triggerMetadata: event.metadata,
    traceContext: NO_TRACE,
    retryContext: event.retryContext,
  };
  return {
    invocationId,
    metadata: fn.metadata,
    request,
    log(level: CoreLogLevel, from: CoreLogCategory, message: string) {
      const line = { level, message, category: from, hookData: {} };
      if (app.hasHooks('log')) app.runLogHooks(line);
      log.write(line.level, from === 'user' ? `${category}.User` : category, line.message);
    },
  };
}

/**
 * `functionTimeout` of host.json. The platform ends the worker process; here the invocation fails and whatever the
 * handler still does goes on unheard.
 */
function withTimeout<Result>(
  run: Promise<Result>,
  { clock, functionTimeoutMs }: InvocationDependencies,
  name: string,
  invocationId: string,
): Promise<Result> {
  if (functionTimeoutMs === undefined) return run;
  return new Promise((resolve, reject) => {
    const alarm: Alarm = clock.alarm(clock.now() + functionTimeoutMs, () =>
      reject(
        new Error(
          `Timeout value of ${formatTimeSpan(functionTimeoutMs)} was exceeded by function 'Functions.${name}' (Id: '${invocationId}'). ` +
            'On the platform the worker would now be restarted. Make the work shorter, or raise functionTimeout in host.json.',
        ),
      ),
    );
    run.finally(() => alarm.cancel()).then(resolve, reject);
  });
}

function withoutOrchestratorState(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const end = error.message.indexOf(ORCHESTRATOR_STATE);
  return end === -1 ? error : error.message.slice(0, end).trim();
}
