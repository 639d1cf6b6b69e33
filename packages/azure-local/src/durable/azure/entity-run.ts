// Runs one batch of operations of an entity on the hub. An entity is an instance whose history is its state; on Azure
// it is an orchestration that continues as new. What the batch sends is out before its state is written: a crash in
// between runs the operations again on the old state, and the answers come twice.
import type { HostLog } from '../../kit/host-log';
import { invokeEntity, schedulerState, stateOf, type EntityAnswer } from '../entities';
import { entityId, requestText, responseText, type EntityRequest } from '../entity-messages';
import { eventRaised, timestamp } from '../history-events';
import type { EpisodeParts } from './episode-run';
import type { HeldMessages } from './held-messages';
import type { HubStorage } from './hub-storage';
import type { ControlMessage, NewMessage } from './messages';
import { operation, type Addresses } from './outgoing-messages';
import type { Batch } from './pending-batches';

interface Waiting {
  readonly message: ControlMessage;
  readonly request: EntityRequest;
}

interface Parts extends Pick<EpisodeParts, 'clock' | 'functions' | 'addresses'> {
  readonly storage: HubStorage;
  readonly log: HostLog;
}

/** Runs the operations of the batch; its messages are deleted, or abandoned when another run of the entity has won. */
export async function runEntity(
  { instanceId, messages }: Batch,
  held: HeldMessages<ControlMessage>,
  parts: Parts,
): Promise<void> {
  const { storage, clock, addresses } = parts;
  const batch = messages
    .filter(({ body }) => body.kind === 'operation')
    .map((message): Waiting => ({ message, request: JSON.parse(message.body.event) as EntityRequest }));
  const history = storage.hub.history.load(instanceId, null);
  const current = stateOf({ input: history.rows[0]?.event ?? null });
  const answer = await invokeEntity(parts, instanceId, current, batch);
  const nowMs = clock.now();
  for (const message of outgoingOf(instanceId, batch, answer, nowMs, addresses)) {
    const moment = { name: 'messageSent', instanceId, what: message.body.kind } as const;
    await storage.commit(moment, (hub) => hub.messages.add(message, nowMs));
  }
  const state = schedulerState(answer);
  const written = await storage.commit({ name: 'historyWritten', instanceId }, (hub) =>
    hub.history.write({
      ...{ instanceId, executionId: '', from: 0, etag: history.etag, isLast: true },
      rows: [{ event: state, work: null }],
    }),
  );
  if (written === undefined) {
    await held.abandon(messages, 'controlMessageAbandoned');
    return;
  }
  const customStatus = answer.exists ? '{"entityExists":true}' : '{}';
  await storage.commit({ name: 'instanceUpdated', instanceId }, (hub) =>
    hub.instances.putEntity(instanceId, state, customStatus, nowMs),
  );
  await held.delete(messages, 'controlMessageDeleted');
}

/** Answers to the orchestrations that wait for them, and the signals that the entity sent. */
function outgoingOf(
  id: string,
  batch: readonly Waiting[],
  { results, signals }: EntityAnswer,
  nowMs: number,
  hub: Addresses,
): NewMessage[] {
  const answers = batch.flatMap(({ request }, index): NewMessage[] => {
    const { parent, parentExecution = null, signal, id: answered } = request;
    if (signal === true || parent === undefined) return [];
    const { isError, result } = results[index] ?? { isError: true, result: '"no result"' };
    const event = eventRaised(answered, responseText(result, isError), timestamp(nowMs));
    const body = { kind: 'raise', event, answers: answered } as const;
    return [{ queue: hub.queueOf(parent), instanceId: parent, executionId: parentExecution, body }];
  });
  const sent = signals.map(({ to, name: op, input }) => {
    const request = { op, signal: true as const, ...(input === '' ? undefined : { input }), parent: id };
    return operation(entityId(to.name, to.key), requestText(request, nowMs, undefined), hub);
  });
  return [...answers, ...sent];
}
