// Parser of an orchestrator's answer to a replay, as `durable-functions` 3.5.0 returns or throws it (classic JSON
// protocol, schema 3). It knows the protocol's action types.

import { orchestratorException, workerFailure } from './exception-text';
import { HTTP_ACTIVITY, unsupportedHttp } from './http-activity';
import { jsonText } from './json-text';
import type { RetryPolicy } from './tasks';

/** One thing the orchestrator asked for. Occurrences count: the same task object given to two `Task.any` is two. */
export type Action =
  | {
      readonly kind: 'activity';
      readonly name: string;
      readonly input: unknown;
      readonly retry?: RetryPolicy;
    }
  | {
      readonly kind: 'sub';
      readonly name: string;
      readonly input: unknown;
      readonly version: string | null;
      readonly instanceId?: string;
      readonly retry?: RetryPolicy;
    }
  | {
      readonly kind: 'entity';
      readonly isSignal: boolean;
      /** The entity's instance id. */
      readonly to: string;
      readonly operation: string;
      readonly input: unknown;
    }
  | { readonly kind: 'timer'; readonly fireAtMs: number; readonly cancelled: boolean }
  | { readonly kind: 'unsupported'; readonly what: string };

export interface OrchestratorAnswer {
  readonly isDone: boolean;
  /** Everything the code has asked for since it began, in the order of its sequence numbers. */
  readonly actions: readonly Action[];
  /** JSON text. */
  readonly output: string | null;
  readonly customStatus: string | null;
  /** The external events that the code has waited for, once per wait. */
  readonly awaited: readonly string[];
  /** With which input it wants to begin anew. */
  readonly continueAsNew?: { readonly input: unknown };
  /** Why the orchestrator failed; undefined when it did not. */
  readonly error?: string;
  /** The failure details for a parent; without them the text of the error. */
  readonly errorDetails?: string;
  /** Why it could not be asked, or its answer not be read: `actions` then says nothing. */
  readonly refusal?: string;
}

/** The SDK puts this before the state that it throws. */
const STATE_LABEL = '$OutOfProcData$:';

const ActionType = {
  activity: 0,
  activityWithRetry: 1,
  sub: 2,
  subWithRetry: 3,
  continueAsNew: 4,
  timer: 5,
  externalEvent: 6,
  callEntity: 7,
  http: 8,
  signalEntity: 9,
  any: 11,
  all: 12,
} as const;

/** Actions of the protocol that this engine refuses, by the name an app knows them by. */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  13: 'lock (locking entities)',
  14: 'lock (locking entities)',
};

interface WireAction {
  readonly actionType: number;
  readonly functionName?: string;
  readonly instanceId?: string;
  readonly version?: string;
  readonly operation?: string;
  readonly externalEventName?: string;
  readonly retryOptions?: WireRetryOptions;
  readonly httpRequest?: unknown;
  readonly input?: unknown;
  readonly fireAt?: string | Date;
  readonly isCanceled?: boolean;
  readonly compoundActions?: readonly WireAction[];
}

interface WireRetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
  readonly retryTimeoutInMilliseconds?: number;
}

interface WireState {
  readonly isDone?: boolean;
  readonly actions?: readonly (readonly WireAction[])[];
  readonly output?: unknown;
  readonly customStatus?: unknown;
  readonly error?: string;
  /** The failure details for a parent; without them the text of the error. */
  readonly errorDetails?: string;
}

/** Reads what the orchestrator's handler returned: the SDK's state object, or its JSON text. */
export function readAnswer(returned: unknown): OrchestratorAnswer {
  const state = typeof returned === 'string' ? (JSON.parse(returned) as unknown) : returned;
  if (typeof state !== 'object' || state === null || !('actions' in state)) {
    return failedAnswer(
      'its function did not return an orchestrator state. Register it with df.app.orchestration of durable-functions 3.5.0.',
    );
  }
  return fromWire(state as WireState);
}

/** Reads what the orchestrator's handler threw: the SDK's state after its label, or an error from outside the SDK. */
export function readThrown(thrown: unknown): OrchestratorAnswer {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const at = message.indexOf(STATE_LABEL);
  if (at < 0) return unreadable(message, thrown instanceof Error ? (thrown.stack ?? '') : '');
  const state = JSON.parse(message.slice(at + STATE_LABEL.length)) as WireState;
  // The SDK drops what was thrown and is not an Error; the extension then takes the state for the text of a failure.
  if (state.error === undefined) return unreadable(message, '');
  return { ...fromWire(state), isDone: false, error: state.error };
}

/** Recorded: the extension reads no state out of it, so that the code seems to have asked for nothing. */
const unreadable = (message: string, stack: string): OrchestratorAnswer => ({
  ...NO_ANSWER,
  error: `One or more errors occurred. (${workerFailure(message, stack)})`,
  errorDetails: orchestratorException({ message, stack }),
});

/** The answer of an orchestrator that could not be asked, or whose answer could not be read. */
export const failedAnswer = (refusal: string): OrchestratorAnswer => ({ ...NO_ANSWER, refusal });

const NO_ANSWER: OrchestratorAnswer = {
  isDone: false,
  actions: [],
  output: null,
  customStatus: null,
  awaited: [],
};

interface Collected {
  readonly actions: Action[];
  readonly awaited: string[];
  continueAsNew?: { readonly input: unknown };
}

function fromWire(state: WireState): OrchestratorAnswer {
  const collected: Collected = { actions: [], awaited: [] };
  for (const action of state.actions?.[0] ?? []) collect(action, collected);
  return {
    isDone: state.isDone === true,
    ...collected,
    output: jsonText(state.output),
    customStatus: jsonText(state.customStatus),
  };
}

function collect(action: WireAction, into: Collected): void {
  switch (action.actionType) {
    case ActionType.continueAsNew:
      into.continueAsNew = { input: action.input };
      return;
    case ActionType.externalEvent:
      into.awaited.push(action.externalEventName ?? '');
      return;
    case ActionType.any:
    case ActionType.all:
      for (const child of action.compoundActions ?? []) collect(child, into);
      return;
    default:
      into.actions.push(toAction(action));
  }
}

function toAction(action: WireAction): Action {
  const name = action.functionName ?? '';
  const { input, retryOptions, instanceId } = action;
  const retry = retryOptions === undefined ? undefined : { retry: toPolicy(retryOptions) };
  switch (action.actionType) {
    case ActionType.activity:
    case ActionType.activityWithRetry:
      return { kind: 'activity', name, input, ...retry };
    case ActionType.sub:
    case ActionType.subWithRetry:
      return {
        kind: 'sub',
        name,
        input,
        version: action.version ?? null,
        ...(instanceId === undefined || instanceId === '' ? undefined : { instanceId }),
        ...retry,
      };
    case ActionType.callEntity:
    case ActionType.signalEntity:
      return {
        kind: 'entity',
        isSignal: action.actionType === ActionType.signalEntity,
        to: instanceId ?? '',
        operation: action.operation ?? '',
        input,
      };
    case ActionType.http: {
      const what = unsupportedHttp(action.httpRequest);
      if (what !== undefined) return { kind: 'unsupported', what };
      return { kind: 'activity', name: HTTP_ACTIVITY, input: action.httpRequest };
    }
    case ActionType.timer:
      return {
        kind: 'timer',
        fireAtMs: new Date(action.fireAt ?? 0).getTime(),
        cancelled: action.isCanceled === true,
      };
    default:
      return {
        kind: 'unsupported',
        what: UNSUPPORTED[action.actionType] ?? `action type ${action.actionType}`,
      };
  }
}

const toPolicy = (options: WireRetryOptions): RetryPolicy => ({
  firstIntervalMs: options.firstRetryIntervalInMilliseconds,
  maxAttempts: options.maxNumberOfAttempts,
  backoff: options.backoffCoefficient ?? 1,
  ...(options.maxRetryIntervalInMilliseconds === undefined
    ? undefined
    : { maxIntervalMs: options.maxRetryIntervalInMilliseconds }),
  ...(options.retryTimeoutInMilliseconds === undefined
    ? undefined
    : { timeoutMs: options.retryTimeoutInMilliseconds }),
});
