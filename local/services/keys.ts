// What was done and undone under which idempotency key, and what a key still allows. Knows no service's business.
//
// K1  Under one key there is at most one deed and at most one undoing, in that order.
// K2  A key that was undone, or whose undoing came first, is closed: it never does anything again (S2).
// K3  A refused deed leaves its key as it was: the same key may try again.
import { createHash } from 'node:crypto';
import type { Journal } from '../storage/journal';
import { refused, type Answer, type Decision, type ServiceName } from './operation';

/** `void`: undone before anything was done, the tombstone that keeps a late deed out. */
export type DeedState = 'done' | 'confirmed' | 'undone' | 'void';

export interface Deed<Detail> {
  readonly state: DeedState;
  readonly orderId: string;
  readonly customerId: string;
  readonly detail: Detail;
}

/** The deeds of one service by key. `find` may be used at any time, the others only inside a journal write. */
export interface Keys<Detail> {
  find(key: string): Deed<Detail> | undefined;
  open(key: string, orderId: string, customerId: string, detail: Detail): void;
  move(key: string, state: DeedState): void;
  /** Leaves a tombstone under a key that did nothing yet. */
  close(key: string, orderId: string, customerId: string): void;
}

interface DeedRow {
  readonly state: DeedState;
  readonly order_id: string;
  readonly customer_id: string;
  readonly detail: string;
}

/** The keys of `service`, kept in the journal. `Detail` must survive JSON. */
export function createKeys<Detail>(journal: Journal, service: ServiceName): Keys<Detail> {
  journal.schema(`CREATE TABLE IF NOT EXISTS services_keys (
    service TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL,
    order_id TEXT NOT NULL, customer_id TEXT NOT NULL, detail TEXT NOT NULL,
    PRIMARY KEY (service, key)) WITHOUT ROWID`);
  const select = journal.statement(
    'SELECT state, order_id, customer_id, detail FROM services_keys WHERE service = ? AND key = ?',
  );
  const insert = journal.statement('INSERT INTO services_keys VALUES (?, ?, ?, ?, ?, ?)');
  const update = journal.statement('UPDATE services_keys SET state = ? WHERE service = ? AND key = ?');
  return {
    find(key) {
      const row = select.get<DeedRow>(service, key);
      if (row === undefined) return undefined;
      const { state, order_id: orderId, customer_id: customerId } = row;
      return { state, orderId, customerId, detail: JSON.parse(row.detail) as Detail };
    },
    open(key, orderId, customerId, detail) {
      insert.run(service, key, 'done', orderId, customerId, JSON.stringify(detail));
    },
    move(key, state) {
      update.run(state, service, key);
    },
    close(key, orderId, customerId) {
      insert.run(service, key, 'void', orderId, customerId, 'null');
    },
  };
}

/** Doing something once under a key: 201 and an effect at first, 200 and the same body when repeated. */
export function decideToDo<Detail>(
  key: string,
  deed: Deed<Detail> | undefined,
  doing: { readonly body: object; refuse(): Answer | undefined; effect(): void },
): Decision {
  if (deed === undefined) {
    const refusal = doing.refuse();
    return refusal === undefined
      ? { answer: { status: 201, body: doing.body }, effect: () => doing.effect() }
      : { answer: refusal };
  }
  return deed.state === 'undone' || deed.state === 'void'
    ? {
        answer: refused(
          409,
          'KEY_CLOSED',
          `The key '${key}' was undone: nothing is done under it any more. Use a new key.`,
        ),
      }
    : { answer: { status: 200, body: doing.body } };
}

/**
 * Undoing what a key did: acts once and gives the same answer ever after. Undoing what never happened succeeds and
 * leaves the tombstone (K2). `refuse` is asked only when there is something to undo.
 */
export function decideToUndo<Detail>(
  deed: Deed<Detail> | undefined,
  undoing: {
    readonly undone: object;
    readonly nothingToUndo: object;
    refuse(deed: Deed<Detail>): Answer | undefined;
    effect(deed: Deed<Detail>): void;
    close(): void;
  },
): Decision {
  if (deed === undefined) {
    return { answer: { status: 200, body: undoing.nothingToUndo }, effect: () => undoing.close() };
  }
  if (deed.state === 'void') return { answer: { status: 200, body: undoing.nothingToUndo } };
  if (deed.state === 'undone') return { answer: { status: 200, body: undoing.undone } };
  const refusal = undoing.refuse(deed);
  return refusal === undefined
    ? { answer: { status: 200, body: undoing.undone }, effect: () => undoing.effect(deed) }
    : { answer: refusal };
}

/** An id such as `txn_9f86d081884c7d659a2f`: the same for the same key, so a repeated call needs no stored answer. */
export function idOf(prefix: string, key: string): string {
  return `${prefix}_${createHash('sha256').update(key).digest('hex').slice(0, 20)}`;
}
