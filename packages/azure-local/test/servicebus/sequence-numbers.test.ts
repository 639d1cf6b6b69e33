// Sequence numbers of the store of messages across writes and restarts (message-store.M1, message-store.M2).
import { MessageStore, STATE } from '../../src/servicebus/message-store';
import { Journal } from '../../src/storage/journal';

const MESSAGE = {
  ...{ state: STATE.active, session: null, enqueuedAtMs: 0, timeToLiveMs: null },
  ...{ expiresAtMs: null, dueAtMs: null, payload: Buffer.alloc(0) },
};

let journal: Journal;
beforeEach(() => (journal = new Journal(':memory:')));
afterEach(() => journal.close());

/** The store as a restarted process finds it. */
function opened(): { store: MessageStore; entity: number } {
  const store = new MessageStore(journal);
  return { store, entity: store.entity('queue') };
}

test('message-store.M2: numbers go on after a restart, though none of the messages is left', async () => {
  const { store, entity } = opened();
  await store.write(() => [store.append(entity, MESSAGE), store.append(entity, MESSAGE)]);
  await journal.write(() => store.remove(entity, [1, 2]));
  const again = opened();
  expect(again.store.lastSequence(again.entity)).toBe(2);
  expect(await again.store.write(() => again.store.append(again.entity, MESSAGE))).toBe(3);
});

test('message-store.M1: a message is not appended outside of a write of the store, not even behind one that threw', async () => {
  const { store, entity } = opened();
  const refused = store.write(() => {
    store.append(entity, MESSAGE);
    throw new Error('thought better of it');
  });
  await expect(refused).rejects.toThrow('thought better of it');
  expect(() => store.append(entity, MESSAGE)).toThrow('outside of a write');
  expect(opened().store.lastSequence(entity)).toBe(0);
});
