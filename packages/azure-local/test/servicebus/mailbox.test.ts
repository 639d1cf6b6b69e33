// The state machine of a queue's messages without the wire: locks, deliveries, dead letters. Q…: head of mailbox.ts.
import type { Lane } from '../../src/servicebus/lane';
import {
  LOCK_MS,
  openMailbox,
  receiverFor,
  tokenOf,
  turn,
  type MailboxFixture,
} from '../support/mailbox-fixture';

let bus: MailboxFixture;

beforeEach(() => {
  bus = openMailbox();
});

afterEach(async () => {
  await bus.close();
  expect(bus.errors).toEqual([]);
});

describe('a lock', () => {
  test('ends with the first settlement: a second is refused, and nothing comes back when its time is over', async () => {
    const sequence = await bus.send();
    const token = tokenOf(bus.receive());
    await bus.mailbox.settle(token, { kind: 'complete' });
    await expect(bus.mailbox.settle(token, { kind: 'abandon', changes: [] })).rejects.toThrow();
    expect(() => bus.mailbox.renew(token)).toThrow();
    bus.clock.advance(LOCK_MS);
    await turn();
    expect([bus.left(), bus.left(bus.dead)]).toEqual([[], []]);
    expect(sequence).toBe(1);
  });

  test('of an abandoned message does not end the lock of whoever has it now', async () => {
    await bus.send();
    await bus.mailbox.settle(tokenOf(bus.receive()), { kind: 'abandon', changes: [] });
    bus.clock.advance(LOCK_MS - 1);
    const second = bus.receive();
    bus.clock.advance(1);
    expect(bus.receive()).toBeUndefined();
    await bus.mailbox.settle(tokenOf(second), { kind: 'complete' });
    expect(bus.left()).toEqual([]);
  });

  test('keeps the message from all others, and ends to the millisecond', async () => {
    await bus.send();
    const first = bus.receive();
    bus.clock.advance(LOCK_MS - 1);
    expect(bus.receive()).toBeUndefined();
    bus.clock.advance(1);
    expect(bus.receive()?.message.sequence).toBe(1);
    await expect(bus.mailbox.settle(tokenOf(first), { kind: 'complete' })).rejects.toThrow();
    expect(bus.left()).toEqual([1]);
  });

  test('that is renewed ends later than one given after it that is not', async () => {
    await bus.send();
    await bus.send();
    const [first, second] = [bus.receive(), bus.receive()];
    bus.clock.advance(LOCK_MS / 2);
    expect(bus.mailbox.renew(tokenOf(first))).toBe(bus.clock.now() + LOCK_MS);
    bus.clock.advance(LOCK_MS / 2);
    await expect(bus.mailbox.settle(tokenOf(second), { kind: 'complete' })).rejects.toThrow();
    await bus.mailbox.settle(tokenOf(first), { kind: 'complete' });
    expect(bus.left()).toEqual([2]);
  });

  test('mailbox.Q1: a settlement that could not be written leaves the message, which is available again', async () => {
    await bus.send();
    const first = bus.receive();
    await turn();
    jest.spyOn(bus.journal, 'write').mockRejectedValueOnce(new Error('disk full'));
    await expect(bus.mailbox.settle(tokenOf(first), { kind: 'complete' })).rejects.toThrow('disk full');
    expect([bus.left(), bus.left(bus.dead)]).toEqual([[1], []]);
    expect(bus.receive()?.message.sequence).toBe(1);
  });
});

describe('deliveries', () => {
  test('mailbox.Q4: count on disk, and the message that has had the last is dead-lettered, not handed out', async () => {
    await bus.send();
    for (const count of [1, 2]) {
      await bus.mailbox.settle(tokenOf(bus.receive()), { kind: 'abandon', changes: [] });
      expect(bus.deliveriesOnDisk(1)).toBe(count);
    }
    const last = bus.receive();
    expect(last?.message.deliveries).toBe(2);
    await bus.mailbox.settle(tokenOf(last), { kind: 'abandon', changes: [] });
    await turn();
    expect([bus.receive(), bus.left(), bus.left(bus.dead)]).toEqual([undefined, [], [1]]);
    expect(bus.store.load(bus.dead.entity, 1)?.deadLetterSource).toBe('Q');
    expect(bus.deadLetterText()).toContain('MaxDeliveryCountExceeded');
    expect(bus.receive(bus.dead)?.message.sequence).toBe(1);
  });

  test('mailbox.Q4: a message that a crash left with all its deliveries used up is dead-lettered when its turn comes', async () => {
    await bus.send();
    await bus.journal.write(() => [1, 2, 3].forEach(() => bus.store.count(bus.mailbox.entity, [1, 1], 1)));
    bus = openMailbox({}, bus);
    expect(bus.receive()).toBeUndefined();
    await turn();
    expect([bus.left(), bus.left(bus.dead)]).toEqual([[], [1]]);
  });

  test('a message that is released untouched has had no delivery, on disk and in what is handed out next', async () => {
    await bus.send();
    for (let round = 0; round < 4; round += 1) {
      const taken = bus.receive();
      expect(taken?.message.deliveries).toBe(0);
      await bus.mailbox.settle(tokenOf(taken), { kind: 'release' });
      expect(bus.deliveriesOnDisk(1)).toBe(0);
    }
  });

  test('without settlement delete the message as it goes out', async () => {
    await bus.send();
    expect(bus.receive(bus.mailbox, false)).toMatchObject({ message: { sequence: 1 }, lock: undefined });
    await turn();
    expect(bus.left()).toEqual([]);
  });

  test('a dead letter comes as often as it is abandoned, and cannot be dead-lettered again', async () => {
    await bus.send();
    await bus.mailbox.settle(tokenOf(bus.receive()), { kind: 'deadLetter', changes: [] });
    for (let round = 0; round < 5; round += 1)
      await bus.dead.settle(tokenOf(bus.receive(bus.dead)), { kind: 'abandon', changes: [] });
    const taken = bus.receive(bus.dead);
    const refused = bus.dead.settle(tokenOf(taken), { kind: 'deadLetter', changes: [] });
    await expect(refused).rejects.toThrow('is a dead-letter queue');
    await bus.dead.settle(tokenOf(taken), { kind: 'complete' });
    expect(bus.left(bus.dead)).toEqual([]);
  });
});

describe('a message that is set aside', () => {
  const defer = async (): Promise<number> => {
    const sequence = await bus.send();
    await bus.mailbox.settle(tokenOf(bus.receive()), { kind: 'defer', changes: [] });
    return sequence;
  };

  test('comes by its number only, once at a time, and goes back to where it was when its lock ends', async () => {
    const sequence = await defer();
    expect(bus.receive()).toBeUndefined();
    await bus.mailbox.receiveDeferred([sequence], false, undefined);
    await expect(bus.mailbox.receiveDeferred([sequence], false, undefined)).rejects.toThrow();
    bus.clock.advance(LOCK_MS);
    expect(bus.receive()).toBeUndefined();
    const [again] = await bus.mailbox.receiveDeferred([sequence], false, undefined);
    expect(bus.deliveriesOnDisk(sequence)).toBe(3);
    await bus.mailbox.settle(tokenOf(again), { kind: 'complete' });
    expect(bus.left()).toEqual([]);
  });

  test('is received for good where nobody settles; all requested messages or none', async () => {
    const [first, second, active] = [await defer(), await defer(), await bus.send()];
    await expect(bus.mailbox.receiveDeferred([first, active], true, undefined)).rejects.toThrow();
    expect(bus.left()).toEqual([first, second, active]);
    const received = await bus.mailbox.receiveDeferred([first, second], true, undefined);
    expect(received.map(({ lock }) => lock)).toEqual([undefined, undefined]);
    expect(bus.left()).toEqual([active]);
  });
});

describe('time to live', () => {
  const soon = (): Promise<number> => bus.send({ expiresAtMs: bus.clock.now() + 1 });

  test('over while the message is locked ends it when it is given back, not before', async () => {
    const sequence = await soon();
    const taken = bus.receive();
    bus.clock.advance(1);
    bus.mailbox.expire(sequence);
    await turn();
    expect(bus.left()).toEqual([1]);
    await bus.mailbox.settle(tokenOf(taken), { kind: 'abandon', changes: [] });
    await turn();
    expect([bus.left(), bus.left(bus.dead)]).toEqual([[], [1]]);
    expect(bus.deadLetterText()).toContain('TTLExpired');
  });

  test('over before its turn keeps the message from being handed out', async () => {
    await soon();
    bus.clock.advance(1);
    expect(bus.receive()).toBeUndefined();
    await turn();
    expect([bus.left(), bus.left(bus.dead)]).toEqual([[], [1]]);
  });

  test('over in a queue that keeps no such dead letters deletes the message', async () => {
    bus = openMailbox({ deadLetteringOnMessageExpiration: false }, bus);
    const sequence = await soon();
    bus.mailbox.expire(sequence);
    await turn();
    expect([bus.left(), bus.left(bus.dead)]).toEqual([[], []]);
  });
});

test('receivers take turns at messages that come one by one', async () => {
  const lane = bus.mailbox.lane() as Lane;
  const receivers = [receiverFor(10), receiverFor(10)];
  for (const receiver of receivers) lane.enter(receiver);
  for (let sent = 0; sent < 4; sent += 1) await bus.send();
  expect(receivers.map(({ taken }) => taken.length)).toEqual([2, 2]);
  receivers.forEach((receiver) => lane.leave(receiver));
});

test('receivers take turns at what lies there, and none gets more than it has room for', async () => {
  for (let sent = 0; sent < 4; sent += 1) await bus.send();
  const [one, two] = [receiverFor(2), receiverFor(1)];
  const lane = bus.mailbox.lane() as Lane;
  for (const receiver of [one, two]) lane.enter(receiver);
  bus.mailbox.pump(lane);
  const numbers = [one, two].map(({ taken }) => taken.map(({ message }) => message.sequence));
  expect(numbers).toEqual([[1, 3], [2]]);
});

test('a receiver that has left gets nothing more, and one that was never there takes nobody along', async () => {
  const [gone, stays] = [receiverFor(5), receiverFor(5)];
  const lane = bus.mailbox.lane() as Lane;
  for (const receiver of [gone, stays]) lane.enter(receiver);
  for (const receiver of [gone, receiverFor(1)]) lane.leave(receiver);
  await bus.send();
  await bus.send();
  expect([gone, stays].map(({ taken }) => taken.length)).toEqual([0, 2]);
});

test('a queue whose name is written in other letters finds the messages that it had', async () => {
  await bus.send();
  expect([bus.left(), bus.store.entity('q')]).toEqual([[1], bus.mailbox.entity]);
});
