// Runs one episode of an orchestration on the hub: from its messages to what is to be sent and written. It reads and
// computes; orchestration-worker.ts writes, in the order of the Azure backend.
//
// episode-run.D1  An execution that continues as new goes on in the same episode, and only its last execution is
//   written (DurableTask.Core, TaskOrchestrationDispatcher.cs, OnProcessWorkItemAsync).
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../kit/clock';
import { continuation } from '../continuation';
import type { DurableFunctionInvoker } from '../contract';
import { decide, type AppFacts, type Consumed, type Decision } from '../episode';
import { timestamp, type EventText } from '../history-events';
import { joinEvents, pendingInstance, remember, type Instance, type Work } from '../instance';
import { failedAnswer, type OrchestratorAnswer } from '../orchestrator-answer';
import { wrongVersion } from '../refusals';
import { episodeEvents, replay, takeInbox } from '../replay';
import { isMismatch, type Versioning } from '../versioning';
import type { HistoryRow } from './history-table';
import type { NewMessage } from './messages';
import { outgoingMessages, type Addresses } from './outgoing-messages';
import { rowsOf } from './rebuilt-instance';

export interface EpisodeParts {
  readonly clock: Clock;
  readonly functions: DurableFunctionInvoker;
  readonly versioning: Versioning | undefined;
  readonly app: AppFacts;
  readonly addresses: Addresses;
}

/** What an episode leaves. */
export interface EpisodeResult {
  /** The execution that was run last: with a continue-as-new another one than before. */
  readonly instance: Instance;
  readonly isOtherExecution: boolean;
  readonly rows: readonly HistoryRow[];
  readonly outgoing: readonly NewMessage[];
  readonly decision: Decision;
}

/** Runs `instance` over `consumed`; what of its inbox is left was not taken. */
export async function runEpisode(
  instance: Instance,
  consumed: Consumed,
  parts: EpisodeParts,
): Promise<EpisodeResult> {
  const { clock, app, addresses } = parts;
  const outgoing: NewMessage[] = [];
  let rows: HistoryRow[] = [];
  let [current, taken] = [instance, consumed];
  let number = 0;
  for (;;) {
    const startedAt = timestamp(clock.now());
    const answer = await answerOf(current, taken, startedAt, parts);
    const nowMs = clock.now();
    const decision = decide(current, taken, answer, nowMs, app);
    outgoing.push(...outgoingMessages(current, decision, nowMs, addresses));
    if (decision.continuation === undefined) {
      const events = episodeEvents(current, taken, decision, startedAt, timestamp(nowMs));
      const work = workOf(decision);
      rows = [...rows, ...rowsOf(events, work)];
      const hasMore = current !== instance && decision.end === undefined && current.inbox.length > 0;
      if (!hasMore)
        return { instance: current, isOtherExecution: current !== instance, rows, outgoing, decision };
      goOn(current, events, work);
    } else {
      const executionId = randomUUID().replaceAll('-', '');
      const { facts, inbox } = continuation(current, taken, decision, executionId, () => (number += 1));
      current = pendingInstance(0, facts, nowMs, true);
      current.customStatus = decision.customStatus;
      current.inbox.push(...inbox);
      rows = [];
      // One that continues as new without waiting must leave others a turn.
      await new Promise(setImmediate);
    }
    taken = takeInbox(current, clock.now(), 'recorded');
  }
}

/** Makes the instance what the next part of the same episode finds. */
function goOn(instance: Instance, events: readonly EventText[], work: Work): void {
  instance.history = joinEvents(instance.history, events.join(','));
  instance.episodes += 1;
  remember(instance, work);
}

function answerOf(
  instance: Instance,
  consumed: Consumed,
  startedAt: string,
  { versioning, functions }: EpisodeParts,
): Promise<OrchestratorAnswer> {
  const { name, version } = instance.facts;
  return versioning !== undefined && isMismatch(instance.facts, versioning)
    ? Promise.resolve(failedAnswer(wrongVersion(name, version, versioning.defaultVersion)))
    : replay(functions, instance, consumed, startedAt);
}

const workOf = ({ activities, timers, cancelled, subs, sent }: Decision): Work => ({
  ...{ activities, timers, cancelled },
  ...(subs === undefined ? undefined : { subs }),
  ...(sent === undefined ? undefined : { sent }),
});
