// What an orchestrator answers to a replay, parsed from what `durable-functions` 3.5.0 returns or throws (classic JSON
// protocol, schema 3). Knows the protocol's action types; decides nothing.

/** One thing the orchestrator asked for. Occurrences count: the same task object given to two `Task.any` is two. */
export type Action =
  | { readonly kind: 'activity'; readonly name: string; readonly input: unknown }
  | { readonly kind: 'timer'; readonly fireAtMs: number; readonly cancelled: boolean }
  | { readonly kind: 'unsupported'; readonly what: string };

export interface OrchestratorAnswer {
  readonly isDone: boolean;
  /** Everything the code has asked for since it began, in the order of its sequence numbers. */
  readonly actions: readonly Action[];
  /** JSON text. */
  readonly output: string | null;
  readonly customStatus: string | null;
  /** Why the orchestrator failed; undefined when it did not. */
  readonly error?: string;
  /** Why it could not be asked, or its answer not be read: `actions` then says nothing. */
  readonly refusal?: string;
}

/** The SDK puts this before the state that it throws. */
const STATE_LABEL = '$OutOfProcData$:';

const ActionType = { activity: 0, timer: 5, externalEvent: 6, any: 11, all: 12 } as const;

/** Actions of the protocol that this engine refuses, by the name an app knows them by. */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  1: 'callActivityWithRetry (RetryOptions of the SDK)',
  2: 'callSubOrchestrator',
  3: 'callSubOrchestratorWithRetry',
  4: 'continueAsNew',
  7: 'callEntity',
  8: 'callHttp',
  9: 'signalEntity',
  10: 'locking entities',
};

interface WireAction {
  readonly actionType: number;
  readonly functionName?: string;
  readonly input?: unknown;
  readonly fireAt?: string | Date;
  readonly isCanceled?: boolean;
  readonly compoundActions?: readonly WireAction[];
}

interface WireState {
  readonly isDone?: boolean;
  readonly actions?: readonly (readonly WireAction[])[];
  readonly output?: unknown;
  readonly customStatus?: unknown;
  readonly error?: string;
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
  if (at < 0) return failedAnswer(message);
  const state = JSON.parse(message.slice(at + STATE_LABEL.length)) as WireState;
  return {
    ...fromWire(state),
    isDone: false,
    error:
      state.error ??
      'it threw something that is not an Error, whose text the SDK drops (on Azure the instance would stay Running for ever). Throw an Error.',
  };
}

/** The answer of an orchestrator that could not be asked, or whose answer could not be read. */
export const failedAnswer = (refusal: string): OrchestratorAnswer => ({
  isDone: false,
  actions: [],
  output: null,
  customStatus: null,
  refusal,
});

function fromWire(state: WireState): OrchestratorAnswer {
  const actions: Action[] = [];
  for (const action of state.actions?.[0] ?? []) collect(action, actions);
  return {
    isDone: state.isDone === true,
    actions,
    output: jsonText(state.output),
    customStatus: jsonText(state.customStatus),
  };
}

function collect(action: WireAction, into: Action[]): void {
  switch (action.actionType) {
    case ActionType.activity:
      into.push({ kind: 'activity', name: action.functionName ?? '', input: action.input });
      return;
    case ActionType.timer:
      into.push({
        kind: 'timer',
        fireAtMs: new Date(action.fireAt ?? 0).getTime(),
        cancelled: action.isCanceled === true,
      });
      return;
    case ActionType.externalEvent:
      return;
    case ActionType.any:
    case ActionType.all:
      for (const child of action.compoundActions ?? []) collect(child, into);
      return;
    default:
      into.push({
        kind: 'unsupported',
        what: UNSUPPORTED[action.actionType] ?? `action type ${action.actionType}`,
      });
  }
}

const jsonText = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);
