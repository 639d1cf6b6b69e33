// Replayer of an orchestrator over a history: returns what the orchestrator schedules. It knows neither the form of a
// recording nor the engine.
import type { DurableFunctionInvoker } from 'azure-local/durable/contract';
import {
  readAnswer,
  readThrown,
  type Action,
  type OrchestratorAnswer,
} from 'azure-local/durable/orchestrator-answer';

/** Gives the orchestrator a trigger (JSON text) and reads its answer. Never rejects: what it threw is in the answer. */
export async function replayOnce(
  functions: DurableFunctionInvoker,
  orchestrator: string,
  trigger: string,
): Promise<OrchestratorAnswer> {
  if (functions.kindOf(orchestrator) !== 'orchestrator') {
    return readThrown(new Error(`this build has no orchestrator ${orchestrator}`));
  }
  try {
    return readAnswer(await functions.invoke(orchestrator, trigger, {}));
  } catch (error) {
    return readThrown(error);
  }
}

/** An action as differences name it, without its time. */
export function nameOf(action: Action): string {
  return 'name' in action ? `${action.kind} ${action.name}` : action.kind;
}

/** How a build departs from a recording; `action` is the sequence number. */
export function departure(
  episode: number,
  action: number,
  recorded: string | undefined,
  now: string | undefined,
): string {
  return `episode ${episode}, action ${action}: recorded ${recorded ?? 'nothing'}, now ${now ?? 'nothing'}`;
}

/** The same for an orchestrator that fails where the recorded one did not. */
export function failure(episode: number, { error, refusal }: OrchestratorAnswer): string | undefined {
  const why = refusal ?? error;
  return why === undefined ? undefined : `episode ${episode}: the orchestrator now fails: ${why}`;
}
