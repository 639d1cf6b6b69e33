// Error texts with which DurableTask.Core fails an instance whose code no longer schedules what its history has; as
// recorded, with their commas and spaces. The check itself is in episode.ts (durable-episode.E2).
import type { Scheduled } from './instance';
import type { Action } from './orchestrator-answer';

/** What the history holds under a sequence number. A `segment` is the host's own and is never compared. */
type Earlier = Exclude<Scheduled, { kind: 'segment' }>;

const QUESTION =
  'Was a change made to the orchestrator code after this instance had already started running?';
const DETECTED = 'Non-Deterministic workflow detected: A previous execution of this orchestration scheduled';

/** What .NET calls the action of each kind. */
const ACTIONS: Readonly<Record<Action['kind'], string>> = {
  activity: 'ScheduleTaskOrchestratorAction',
  sub: 'CreateSubOrchestrationAction',
  timer: 'CreateTimerOrchestratorAction',
  entity: 'SendEventOrchestratorAction',
  unsupported: 'OrchestratorAction',
};

/** The code asks for something else under a number that the history has scheduled. */
export function scheduledOtherwise(id: number, earlier: Earlier, now: Action): string {
  const replay = 'the current orchestration replay instead';
  const action = ACTIONS[now.kind];
  switch (earlier.kind) {
    case 'activity': {
      const then = `${DETECTED} an activity task with sequence number ${id} named '${earlier.name}', but ${replay}`;
      return now.kind === 'activity'
        ? `${then} scheduled an activity task named '${now.name}' with this sequence number.  ${QUESTION}`
        : `${then} produced a ${action} action with this sequence number. ${QUESTION}`;
    }
    case 'timer':
      return `${DETECTED} a timer task with sequence number ${id} named but ${replay} produced a ${action} action with this sequence number. ${QUESTION}`;
    case 'sub': {
      const then = `${DETECTED} ${child(id, earlier)}, but ${replay}`;
      return now.kind === 'sub'
        ? `${then} scheduled a sub-orchestration task with name ${now.name} at this sequence number. ${QUESTION}`
        : `${then} produced a ${action} action at this sequence number. ${QUESTION}`;
    }
    case 'entity':
      return `${DETECTED} a send event task with sequence ID ${id}, type 'EventSent', name 'op', instance ID '${earlier.to}', but ${replay} scheduled a ${action} task at this sequence number. ${QUESTION}`;
  }
}

/** The code no longer asks for something that the history has scheduled. */
export const notScheduled = (id: number, earlier: Earlier): string =>
  `${DETECTED} ${missing(id, earlier)} but the current replay execution hasn't (yet?) scheduled this task. ${QUESTION}`;

function missing(id: number, earlier: Earlier): string {
  switch (earlier.kind) {
    case 'activity':
      return `an activity task with sequence ID ${id} and name '${earlier.name}' (version ''),`;
    case 'timer':
      return `a timer task with sequence number ${id}`;
    case 'sub':
      return `${child(id, earlier)},`;
    case 'entity':
      return `a send event task with sequence ID ${id}, type 'EventSent' name 'op', instance ID '${earlier.to}',`;
  }
}

const child = (id: number, { name, version, child: instanceId }: Extract<Earlier, { kind: 'sub' }>): string =>
  `a sub-orchestration task with sequence ID ${id} and name '${name}' (version '${version ?? ''}', instance ID '${instanceId}')`;
