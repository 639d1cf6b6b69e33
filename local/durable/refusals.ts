// Every text with which the engine fails an instance. Where the platform has a message it is the platform's; where it
// hangs instead, the message says so and what to do.
import type { Scheduled } from './instance';
import type { Action } from './orchestrator-answer';

const QUESTION =
  'Was a change made to the orchestrator code after this instance had already started running?';

export const orchestratorFailed = (orchestrator: string, why: string): string =>
  `Orchestrator function '${orchestrator}' failed: ${why}`;

export const unknownOrchestrator = (name: string): string =>
  `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function. ` +
  `Register it with df.app.orchestration('${name}', …), or correct the name that was started.`;

export const unknownActivity = (orchestrator: string, activity: string, id: number): string =>
  orchestratorFailed(
    orchestrator,
    `it calls activity '${activity}' (sequence number ${id}), which the app has not registered. On Azure the instance would stay ` +
      `Running for ever. Register it with df.app.activity('${activity}', …), or correct the name.`,
  );

export const notSimulated = (orchestrator: string, what: string, id: number): string =>
  orchestratorFailed(
    orchestrator,
    `${what} is not simulated by the local host yet (sequence number ${id}). Run this orchestrator under \`func start\` or on Azure, ` +
      'or write it with activities, timers and external events.',
  );

/** The handler runs in this process, so that an input reaches the engine that could not leave a worker. */
export const inputNotJson = (orchestrator: string, activity: string, id: number, error: unknown): string =>
  orchestratorFailed(
    orchestrator,
    `the input of activity '${activity}' (sequence number ${id}) cannot be written as JSON: ${String(error)}. ` +
      'Pass plain data: no BigInt, no cycles.',
  );

/** Recorded: the size is told in whole KB. */
export const customStatusTooBig = (orchestrator: string, bytes: number): string =>
  orchestratorFailed(
    orchestrator,
    'The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. ' +
      `The current payload size is ${Math.floor(bytes / 1024)} KB.`,
  );

const describe = (what: Scheduled | Action): string => {
  if (what.kind === 'activity') return `an activity task named '${what.name}'`;
  return 'a timer task';
};

/** DurableTask.Core: the code asks for something else under an id that the history has scheduled. */
export function scheduledOtherwise(id: number, earlier: Scheduled, now: Action): string {
  const then =
    earlier.kind === 'activity'
      ? `an activity task with sequence number ${id} named '${earlier.name}'`
      : `a timer task with sequence number ${id}`;
  return (
    `Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ${then}, ` +
    `but the current orchestration replay instead scheduled ${describe(now)} with this sequence number.  ${QUESTION}`
  );
}

/** DurableTask.Core: the code no longer asks for something that the history has scheduled. */
export function notScheduled(id: number, earlier: Scheduled): string {
  const then =
    earlier.kind === 'activity'
      ? `an activity task with sequence ID ${id} and name '${earlier.name}' (version '')`
      : `a timer task with sequence ID ${id}`;
  return (
    `Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ${then}, ` +
    `but the current replay execution hasn't (yet?) scheduled this task. ${QUESTION}`
  );
}
