// Invariants of outgoing messages: events on the topic, failures on their queue, messages to customers, dead letters.
import { returnsOf } from '../../src/domain/return-state';
import type { BadInput } from './plan';
import { GIVEN_UP, WORN_OUT, type DeadLetter, type Facts } from './facts';

export function eventsArePublished({ streams, topic }: Facts): string[] {
  return [...streams].flatMap(([orderId, events]) => {
    const published = topic.get(orderId) ?? [];
    const ids = published.map(({ messageId }) => messageId);
    const missing = events.filter(({ eventId }) => !ids.includes(eventId)).map(({ sequence }) => sequence);
    if (missing.length > 0) return [`of order ${orderId} the topic lacks events ${missing.join(', ')}`];
    if (new Set(ids).size < ids.length) return [`of order ${orderId} an event lies on the topic twice`];
    const isOrdered = published.every(({ sequence }, index) => sequence === index + 1);
    return isOrdered
      ? []
      : [`the topic has order ${orderId} as ${published.map(({ sequence }) => sequence).join(', ')}`];
  });
}

export function failuresAreQueued({ orders, failures }: Facts): string[] {
  const times = count(failures);
  const failed = orders.filter(({ status }) => status === 'failed').map(({ orderId }) => `${orderId}:failed`);
  const expected = new Set(failed);
  return [
    ...failed.flatMap((id) =>
      times.get(id) === 1 ? [] : [`${id} is on the failure queue ${times.get(id) ?? 0} times`],
    ),
    ...[...times.keys()].flatMap((id) =>
      expected.has(id) ? [] : [`${id} is on the failure queue and did not fail`],
    ),
  ];
}

const RETURN_MESSAGE: Readonly<Record<string, string>> = {
  closed: 'returnRefunded',
  rejected: 'returnRejected',
};
const MESSAGE: Readonly<Record<string, string>> = { completed: 'confirmation', cancelled: 'cancellation' };

export function notifications({ orders, ledger }: Facts): string[] {
  const times = count(ledger.filter(({ effect }) => effect === 'notified').map(({ key }) => key));
  const expected = new Set(
    orders.flatMap(({ orderId, status }) => {
      const kind = MESSAGE[status];
      return kind === undefined ? [] : [`${orderId}:${kind}`];
    }),
  );
  for (const order of orders) {
    for (const { number, status } of returnsOf(order)) {
      const kind = RETURN_MESSAGE[status];
      if (kind !== undefined) expected.add(`${order.orderId}:return:${number}:${kind}`);
    }
  }
  return [
    ...[...expected].flatMap((key) =>
      times.get(key) === 1 ? [] : [`the message ${key} was sent ${times.get(key) ?? 0} times`],
    ),
    ...[...times.keys()].flatMap((key) =>
      expected.has(key) ? [] : [`the message ${key} was sent to no purpose`],
    ),
  ];
}

const REASONS: Readonly<Record<BadInput, string>> = {
  notJson: 'InvalidJson',
  notAnObject: 'DeserializationFailed',
  invalid: 'ValidationFailed',
};

/** What wakes choreographed sagas: the reconciler sends it again. */
const SENT_AGAIN = ['saga-steps', 'saga-timers'];

/** A message that wore out its deliveries may lie there, wherever it runs: bad input, or an order that is there. */
export function deadLettersAreBadInput({ sent, orders, deadLetters }: Facts): string[] {
  const stored = new Set(orders.map(({ correlationId }) => correlationId));
  const asMessage = new Set(
    sent.flatMap(({ planned, taken }) => (taken.includes('queue') ? [planned.key] : [])),
  );
  const isPermitted = ({ entity, messageId, reason }: DeadLetter): boolean =>
    SENT_AGAIN.some((name) => entity.endsWith(name)) ||
    (entity === 'orders' &&
      stored.has(messageId) &&
      (reason === WORN_OUT || (reason === GIVEN_UP && asMessage.has(messageId))));
  const letters = deadLetters.filter(({ entity }) => entity === 'orders');
  const expected = sent.flatMap(({ planned: { key, bad }, taken }) =>
    bad !== undefined && taken.includes('queue') ? [{ key, reason: REASONS[bad] }] : [],
  );
  const wanted = new Set(expected.map(({ key }) => key));
  const describe = ({ entity, messageId, reason }: DeadLetter): string =>
    `${messageId} is a dead letter of ${entity}: ${reason}`;
  return [
    ...deadLetters
      .filter((letter) => letter.entity !== 'orders' || !wanted.has(letter.messageId))
      .filter((letter) => !isPermitted(letter))
      .map(describe),
    ...expected.flatMap(({ key, reason }) => {
      const own = letters.filter(({ messageId }) => messageId === key);
      if (own.length !== 1) return [`bad input ${key} is ${own.length} dead letters`];
      return [reason, WORN_OUT].includes(own[0]?.reason ?? '') ? [] : own.map(describe);
    }),
  ];
}

function count(values: readonly string[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  return times;
}
