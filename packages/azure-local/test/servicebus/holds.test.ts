// Who holds which session of a queue, without the wire. N…: invariants at the head of sessions.ts.
import { Sessions, type Hold } from '../../src/servicebus/sessions';
import {
  LOCK_MS,
  openMailbox,
  receiverFor,
  tokenOf,
  turn,
  type MailboxFixture,
  type Receiver,
} from '../support/mailbox-fixture';

let sessions: Sessions;

let bus: MailboxFixture;

beforeEach(() => {
  bus = openMailbox({ requiresSession: true });
  sessions = new Sessions(bus.mailbox, bus.store, bus.clock);
});

afterEach(async () => {
  sessions.close();
  await bus.close();
  expect(bus.errors).toEqual([]);
});

/** Takes a session by name and gives what it hands out to a receiver with this much room. */
function accept(id: string, room: number): { hold: Hold; receiver: Receiver } {
  const receiver = receiverFor(room);
  const hold = sessions.accept(id, receiver);
  bus.mailbox.pump(hold.lane);
  return { hold, receiver };
}

test('servicebus-sessions.N1: the end of one gives back its own messages and leaves those of the others locked', async () => {
  for (const session of ['a', 'b', 'a']) await bus.send({ session });
  const a = accept('a', 2);
  const b = accept('b', 1);
  sessions.leave(a.receiver);
  await expect(bus.mailbox.settle(tokenOf(a.receiver.taken[0]), { kind: 'complete' })).rejects.toThrow();
  await bus.mailbox.settle(tokenOf(b.receiver.taken[0]), { kind: 'complete' });
  await turn();
  expect([1, 3].map(bus.deliveriesOnDisk)).toEqual([0, 0]);
  const numbers = accept('a', 2).receiver.taken.map(({ message }) => message.sequence);
  expect(numbers).toEqual([1, 3]);
});

test('servicebus-sessions.N1: a hold that runs out counts as a delivery and tells its holder; a renewed one goes on', async () => {
  await bus.send({ session: 'a' });
  const { receiver } = accept('a', 1);
  bus.clock.advance(LOCK_MS - 1);
  expect(sessions.renew('a')).toBe(bus.clock.now() + LOCK_MS);
  bus.clock.advance(LOCK_MS - 1);
  expect(receiver.lost).toEqual([]);
  expect(() => sessions.accept('a', receiverFor(1))).toThrow();
  bus.clock.advance(1);
  await turn();
  expect(receiver.lost).toEqual(['a']);
  expect(bus.deliveriesOnDisk(1)).toBe(1);
  expect(() => sessions.renew('a')).toThrow();
});

test('servicebus-sessions.N1: a link that goes while it holds the last delivery has used up none', async () => {
  await bus.send({ session: 'a' });
  await bus.journal.write(() => [1, 2].forEach(() => bus.store.count(bus.mailbox.entity, [1, 1], 1)));
  sessions.leave(accept('a', 1).receiver);
  await turn();
  expect([bus.left(), bus.left(bus.dead), bus.deliveriesOnDisk(1)]).toEqual([[1], [], 2]);
});

test('servicebus-sessions.N1: the last delivery lost with a session dead-letters the message', async () => {
  await bus.send({ session: 'a' });
  for (let round = 0; round < 3; round += 1) {
    accept('a', 1);
    bus.clock.advance(LOCK_MS);
    await turn();
  }
  expect([bus.left(), bus.left(bus.dead)]).toEqual([[], [1]]);
});

test('waiting receivers get the next free session with a message in turn, and none after it stopped waiting', async () => {
  const held: string[] = [];
  const refused: string[] = [];
  const wait = (name: string, withinMs: number): Receiver => {
    const waiter = receiverFor(1);
    const took = ({ id }: Hold): void => void held.push(`${name}: ${id}`);
    sessions.acceptNext(waiter, withinMs, took, () => refused.push(name));
    return waiter;
  };
  wait('hasty', 10);
  sessions.leave(wait('gone', 1_000));
  wait('first', 1_000);
  wait('second', 1_000);
  bus.clock.advance(10);
  expect(refused).toEqual(['hasty']);
  await bus.send({ session: 'a' });
  for (const id of ['a', 'a']) sessions.offer(id);
  expect(held).toEqual(['first: a']);
  await bus.send({ session: 'b' });
  sessions.offer('b');
  bus.clock.advance(1_000);
  expect([held, refused]).toEqual([['first: a', 'second: b'], ['hasty']]);
});

test('a session that is released with messages left goes to a waiting receiver', async () => {
  await bus.send({ session: 'a' });
  const { receiver } = accept('a', 1);
  const held: string[] = [];
  sessions.acceptNext(
    receiverFor(1),
    1_000,
    ({ id }) => void held.push(id),
    () => undefined,
  );
  expect(held).toEqual([]);
  sessions.leave(receiver);
  expect(held).toEqual(['a']);
});
