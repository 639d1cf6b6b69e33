// Runner of one invocation in the worker, through the programming model: arguments, hooks, handler, response. It knows
// no trigger.
import { jsonText } from '../durable/json-text';
import type { AppRegistry, RegisteredFunction } from './core-module';
import type { CoreInvocationContext, InvocationModel, ProgrammingModel } from './core-types';
import type { AppLog, InvocationOrder, InvocationResult, WantedResult } from './app-worker';

export interface HandlerRunDependencies {
  readonly app: AppRegistry;
  readonly model: ProgrammingModel;
  readonly log: AppLog;
  /** What the app-level hooks share; hooks of one invocation share `hookData` beside it. */
  readonly appHookData: object;
}

/** What the recorded platform hands over without Application Insights. */
const NO_TRACE = { traceParent: '', traceState: '', attributes: {} };

/** Rejects with what the handler, a hook or the making of the response threw. */
export async function runHandler(
  dependencies: HandlerRunDependencies,
  order: InvocationOrder,
): Promise<InvocationResult> {
  const { app, model: programmingModel, appHookData } = dependencies;
  const { functionName, wants } = order;
  const fn = app.functions.get(functionName);
  if (fn === undefined) throw new Error(`The app has no function ${functionName}.`);
  const core = createCoreContext(dependencies, fn, order);
  const model = programmingModel.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  if (!app.hasHooks('preInvocation') && !app.hasHooks('postInvocation')) {
    core.state = 'invocation';
    return resultOf(wants, model, context, await model.invokeFunction(context, inputs, fn.handler));
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
  return resultOf(wants, model, context, after.result);
}

async function resultOf(
  wants: WantedResult,
  model: InvocationModel,
  context: object,
  returned: unknown,
): Promise<InvocationResult> {
  return {
    ...(wants === 'returned' || wants === 'both' ? { returned: jsonText(returned) } : undefined),
    ...(wants === 'response' || wants === 'both'
      ? { response: await model.getResponse(context, returned) }
      : undefined),
  };
}

function createCoreContext(
  { app, log }: HandlerRunDependencies,
  { metadata }: RegisteredFunction,
  { invocationId, inputData, triggerMetadata, retryContext }: InvocationOrder,
): CoreInvocationContext {
  return {
    invocationId,
    metadata,
    request: { invocationId, inputData, triggerMetadata, traceContext: NO_TRACE, retryContext },
    log(level, from, message) {
      const line = { level, message, category: from, hookData: {} };
      if (app.hasHooks('log')) app.runLogHooks(line);
      const category = `Function.${metadata.name}`;
      log(line.level, from === 'user' ? `${category}.User` : category, line.message);
    },
  };
}
