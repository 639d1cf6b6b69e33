// Input of the next execution after continue-as-new, and the messages that it has yet to receive.
//
// Events that were raised and that the code has not waited for are kept. (On Azure they are lost; see
// docs/differences.md.)
import { isResponse } from './entity-messages';
import type { Consumed, Decision } from './episode';
import { EventType, eventRaised, timestamp, type StartFacts } from './history-events';
import { joinEvents, type Instance, type Message } from './instance';

type Kept = Message & { readonly inboxId: number };

/** `nextMessage` numbers the messages anew, in their order. */
export function continuation(
  instance: Instance,
  consumed: Consumed,
  { continuation: wanted }: Decision,
  executionId: string,
  nextMessage: () => number,
): { facts: StartFacts; inbox: Kept[] } {
  const { parent, source, id, name, version } = instance.facts;
  const facts = { id, executionId, name, version, input: wanted?.input ?? 'null', generation: null };
  const news = consumed.messages.map(({ event }) => event).join(',');
  const waiting = instance.inbox.filter(({ kind }) => kind !== 'task');
  const kept = [...unseen(joinEvents(instance.history, news), wanted?.awaited ?? []), ...waiting];
  return {
    facts: {
      ...facts,
      ...(parent === undefined ? undefined : { parent }),
      ...(source === undefined ? undefined : { source }),
    },
    inbox: kept.map((message) => ({ ...message, inboxId: nextMessage() })),
  };
}

interface RaisedEvent {
  readonly EventType: number;
  readonly Name: string;
  readonly Input: string;
  readonly Timestamp: string;
}

/** The raised events beyond those that the code has waited for: by name, the last ones. */
function unseen(history: string, awaited: readonly string[]): Message[] {
  const waits = new Map<string, number>();
  for (const name of awaited) waits.set(name, (waits.get(name) ?? 0) + 1);
  return (JSON.parse(`[${history}]`) as RaisedEvent[])
    .filter((event) => event.EventType === EventType.eventRaised && !isResponse(event.Input))
    .filter(({ Name: name }) => {
      const left = waits.get(name) ?? 0;
      waits.set(name, left - 1);
      return left <= 0;
    })
    .map(({ Name: name, Input: input, Timestamp: at }) => ({
      kind: 'raise',
      event: eventRaised(name, input, timestamp(Date.parse(at))),
    }));
}
