// Store of idempotency keys: what was done, refused and undone under each, and what a key still allows. It knows no
// service's business.
//
// simulator-keys.K1  Under one key there is at most one effect and at most one undoing of it, in that order.
// simulator-keys.K2  A key that was undone, or whose undoing came first, is closed: nothing is done under it any more
//   (S2).
// simulator-keys.K3  A refusal is final for its key (S26): it is stored, and a repeat gets the same answer,
//   also when the reason for it has gone.
// simulator-keys.K4  An undoing that is refused changes nothing and may be asked for again.
// simulator-keys.K5  So do a partial refund and a restocking, which follow what was done before and owe it to somebody.
import { hash } from 'node:crypto';
import type { Journal } from 'azure-local/storage/journal';
import {
  lookUp,
  refused,
  type Answer,
  type Decision,
  type OnBehalfOf,
  type Operation,
  type ServiceName,
} from './operation';

/** Something that was done under a key, and whether it still stands. */
export interface Made<Detail> extends OnBehalfOf {
  readonly state: 'done' | 'confirmed' | 'undone';
  readonly detail: Detail;
}

/** `closed` is the tombstone: undone before anything was done, so that a late call does nothing. */
export type KeyRecord<Detail> =
  | Made<Detail>
  | (OnBehalfOf & { readonly state: 'closed' })
  | (OnBehalfOf & { readonly state: 'refused'; readonly refusal: Answer });

/** The keys of one service. `find` may be used at any time, the others only inside a journal write. */
export interface Keys<Detail> {
  find(key: string): KeyRecord<Detail> | undefined;
  open(key: string, behalf: OnBehalfOf, detail: Detail): void;
  move(key: string, state: Made<Detail>['state']): void;
  /** Replaces what is known of something that was done. */
  rewrite(key: string, detail: Detail): void;
  /** Leaves a tombstone under a key that was not used yet. */
  close(key: string, behalf: OnBehalfOf): void;
  /** Stores the refusal of a key that was not used yet. */
  refuse(key: string, behalf: OnBehalfOf, refusal: Answer): void;
}

interface KeyRow {
  readonly state: KeyRecord<unknown>['state'];
  readonly order_id: string;
  readonly customer_id: string;
  readonly detail: string;
}

/** The keys of `service`, kept in the journal for ever. `Detail` must survive JSON. */
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
  const rewrite = journal.statement('UPDATE services_keys SET detail = ? WHERE service = ? AND key = ?');
  const add = (
    key: string,
    state: KeyRow['state'],
    { orderId, customerId }: OnBehalfOf,
    detail: unknown,
  ): void => void insert.run(service, key, state, orderId, customerId, JSON.stringify(detail));
  return {
    find(key) {
      const row = select.get<KeyRow>(service, key);
      return row === undefined ? undefined : toRecord(row);
    },
    open: (key, behalf, detail) => add(key, 'done', behalf, detail),
    move: (key, state) => void update.run(state, service, key),
    rewrite: (key, detail) => void rewrite.run(JSON.stringify(detail), service, key),
    close: (key, behalf) => add(key, 'closed', behalf, null),
    refuse: (key, behalf, refusal) => add(key, 'refused', behalf, refusal),
  };
}

function toRecord<Detail>({ state, order_id, customer_id, detail }: KeyRow): KeyRecord<Detail> {
  const behalf = { orderId: order_id, customerId: customer_id };
  switch (state) {
    case 'closed':
      return { ...behalf, state };
    case 'refused':
      return { ...behalf, state, refusal: JSON.parse(detail) as Answer };
    case 'done':
    case 'confirmed':
    case 'undone':
      return { ...behalf, state, detail: JSON.parse(detail) as Detail };
  }
}

/** Doing something once under a key: 201 and an effect at first, 200 and the same body when repeated. */
export function decideToDo<Detail>(
  keys: Keys<Detail>,
  key: string,
  behalf: OnBehalfOf,
  doing: { readonly body: object; refuse(): Answer | undefined; effect(): void },
): Decision {
  const record = keys.find(key);
  switch (record?.state) {
    case undefined: {
      const refusal = doing.refuse();
      return refusal === undefined
        ? { answer: { status: 201, body: doing.body }, effect: () => doing.effect() }
        : refuseForGood(keys, key, behalf, refusal);
    }
    case 'done':
    case 'confirmed':
      return { answer: { status: 200, body: doing.body } };
    case 'refused':
      return { answer: record.refusal };
    case 'undone':
    case 'closed':
      return { answer: keyClosed(key) };
  }
}

/**
 * As `decideToDo`, for what may be refused today and done tomorrow: a refusal changes nothing, so that it may be asked for
 * again under its key (simulator-keys.K5).
 */
export function decideToDoLater<Detail>(
  keys: Keys<Detail>,
  key: string,
  behalf: OnBehalfOf,
  doing: { readonly body: object; refuse(): Answer | undefined; effect(): void },
): Decision {
  const refusal = keys.find(key) === undefined ? doing.refuse() : undefined;
  return refusal === undefined ? decideToDo(keys, key, behalf, doing) : { answer: refusal };
}

/** Refuses a key that was not used yet, now and whenever it is used again (simulator-keys.K3). */
export function refuseForGood(
  keys: Pick<Keys<unknown>, 'refuse'>,
  key: string,
  behalf: OnBehalfOf,
  refusal: Answer,
): Decision {
  return { answer: refusal, effect: () => keys.refuse(key, behalf, refusal) };
}

function keyClosed(key: string): Answer {
  const message = `The key '${key}' was undone: nothing is done under it any more. Use a new key.`;
  return refused(409, 'KEY_CLOSED', message);
}

/**
 * Undoing what was done under a key. The answer says what was found, the same on a repeat: `undone`, or `closed` where
 * nothing was done; then the tombstone is left (simulator-keys.K2), unless a refusal keeps the key shut already
 * (simulator-keys.K3). `refuse` is asked
 * only when there is something to undo.
 */
export function decideToUndo<Detail>(
  keys: Keys<Detail>,
  key: string,
  behalf: OnBehalfOf,
  undoing: {
    /** What the answer tells besides. */
    readonly more?: object;
    refuse(made: Made<Detail>): Answer | undefined;
    effect(made: Made<Detail>): void;
  },
): Decision {
  const record = keys.find(key);
  const closed: Answer = { status: 200, body: { found: 'closed' } };
  const undone: Answer = { status: 200, body: { found: 'undone', ...undoing.more } };
  switch (record?.state) {
    case undefined:
      return { answer: closed, effect: () => keys.close(key, behalf) };
    case 'closed':
    case 'refused':
      return { answer: closed };
    case 'undone':
      return { answer: undone };
    case 'done':
    case 'confirmed': {
      const refusal = undoing.refuse(record);
      return refusal === undefined
        ? { answer: undone, effect: () => undoing.effect(record) }
        : { answer: refusal };
    }
  }
}

/**
 * The look-up of a key: what was done under it as `describe` tells it, `closed`, or `refused` with the code of the
 * refusal; 404 for a key that was not used yet, which proves nothing: a call may be on its way.
 */
export function lookUpByKey<Detail>(
  keys: Keys<Detail>,
  describe: (key: string, made: Made<Detail>) => object,
): Operation {
  return lookUp((key) => {
    const record = keys.find(key);
    switch (record?.state) {
      case undefined:
        return undefined;
      case 'closed':
        return { status: 'closed' };
      case 'refused':
        return { ...record.refusal.body, status: 'refused' };
      case 'done':
      case 'confirmed':
      case 'undone':
        return describe(key, record);
    }
  });
}

/** An id such as `txn_9f86d081884c7d659a2f`: the same for the same key, so a repeated call needs no stored answer. */
export function idOf(prefix: string, key: string): string {
  return `${prefix}_${hash('sha256', key, 'hex').slice(0, 20)}`;
}
