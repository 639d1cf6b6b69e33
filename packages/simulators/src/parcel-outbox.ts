// Outbox of the simulated carrier: tells of every parcel, some time after it was taken, that it was dispatched and that it
// was delivered. It knows no topic; the caller wires one.
//
// parcel-outbox.N1  A parcel and its news to come are one journal write; news is deleted once it is published. So it is
//   published at least once, under the same id, also after a SIGKILL.
// parcel-outbox.N2  News of a parcel that is called back before is never published.
// parcel-outbox.N3  The times are settings in the journal, read when the parcel is taken. Without them nothing is told.
import type { GridEvent } from './grid-event';
import { createOutboxPump, type OutboxParts } from './outbox-pump';
import type { Journal } from 'azure-local/storage/journal';

/** How long after a parcel was taken its news come; null: never. */
export interface CarrierTimes {
  readonly dispatchAfterMs: number | null;
  readonly deliverAfterMs: number | null;
}

export interface Parcel {
  readonly orderId: string;
  readonly tenantId?: string | undefined;
  readonly trackingId: string;
}

/** `took` and `calledBack` are for the journal write that takes the parcel, and that calls it back. */
export interface ParcelNews {
  /** `times` go before the settings. */
  took(parcel: Parcel, times?: CarrierTimes): void;
  calledBack(trackingId: string): void;
}

export interface ParcelOutbox extends ParcelNews {
  times(): CarrierTimes;
  /** Only inside a journal write. */
  setTimes(times: CarrierTimes): void;
  /** Publishes what an earlier process left. */
  start(): void;
  ended(): Promise<void>;
}

const OFF: CarrierTimes = { dispatchAfterMs: null, deliverAfterMs: null };

interface Row {
  readonly seq: number;
  readonly type: 'ParcelDispatched' | 'ParcelDelivered';
  readonly due_ms: number;
  readonly order_id: string;
  readonly tenant_id: string | null;
  readonly tracking_id: string;
}

export function createParcelOutbox(parts: OutboxParts): ParcelOutbox {
  const { clock, lifetime } = parts;
  const table = openTable(parts.journal);
  const pump = createOutboxPump<Row>(parts, {
    what: 'news of parcels',
    first: (limit) => {
      const due = table.due(clock.now(), limit);
      if (due.length === 0) wakeAt(table.nextDueMs());
      return due;
    },
    toEvent,
    forget: (row) => table.forget(row.seq),
  });
  let alarm: { cancel(): void } | undefined;
  let alarmAtMs = Infinity;

  function wakeAt(dueMs: number): void {
    if (dueMs >= alarmAtMs || lifetime.aborted) return;
    alarm?.cancel();
    alarmAtMs = dueMs;
    alarm = clock.alarm(dueMs, () => {
      alarmAtMs = Infinity;
      pump.wake();
    });
  }
  lifetime.addEventListener('abort', () => alarm?.cancel(), { once: true });

  return {
    took(parcel, times = table.times()) {
      const { dispatchAfterMs, deliverAfterMs } = times;
      const news = [
        ['ParcelDispatched', dispatchAfterMs],
        ['ParcelDelivered', deliverAfterMs],
      ] as const;
      for (const [type, afterMs] of news) {
        if (afterMs === null) continue;
        table.put(type, clock.now() + afterMs, parcel);
        wakeAt(clock.now() + afterMs);
      }
    },
    calledBack: (trackingId) => table.forgetParcel(trackingId),
    times: () => table.times(),
    setTimes: (times) => table.setTimes(times),
    start: () => pump.wake(),
    ended: () => pump.ended(),
  };
}

interface Table {
  put(type: Row['type'], dueMs: number, parcel: Parcel): void;
  due(nowMs: number, limit: number): readonly Row[];
  /** `Infinity` when nothing waits. */
  nextDueMs(): number;
  forget(seq: number): void;
  forgetParcel(trackingId: string): void;
  times(): CarrierTimes;
  setTimes(times: CarrierTimes): void;
}

function openTable(journal: Journal): Table {
  journal.schema(`CREATE TABLE IF NOT EXISTS services_parcel_news (
    seq INTEGER PRIMARY KEY, type TEXT NOT NULL, due_ms INTEGER NOT NULL,
    order_id TEXT NOT NULL, tenant_id TEXT, tracking_id TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS services_parcel_news_due ON services_parcel_news (due_ms);
    CREATE INDEX IF NOT EXISTS services_parcel_news_parcel ON services_parcel_news (tracking_id);
    CREATE TABLE IF NOT EXISTS services_carrier (
    id INTEGER PRIMARY KEY, dispatch_after_ms INTEGER, deliver_after_ms INTEGER);`);
  const put = journal.statement('INSERT INTO services_parcel_news VALUES (NULL, ?, ?, ?, ?, ?)');
  const due = journal.statement(
    'SELECT * FROM services_parcel_news WHERE due_ms <= ? ORDER BY due_ms, seq LIMIT ?',
  );
  const next = journal.statement('SELECT MIN(due_ms) AS due_ms FROM services_parcel_news');
  const forget = journal.statement('DELETE FROM services_parcel_news WHERE seq = ?');
  const forgetParcel = journal.statement('DELETE FROM services_parcel_news WHERE tracking_id = ?');
  const times = journal.statement('SELECT dispatch_after_ms, deliver_after_ms FROM services_carrier');
  const setTimes = journal.statement('INSERT OR REPLACE INTO services_carrier VALUES (1, ?, ?)');
  return {
    put: (type, dueMs, { orderId, tenantId, trackingId }) =>
      void put.run(type, dueMs, orderId, tenantId ?? null, trackingId),
    due: (nowMs, limit) => due.all<Row>(nowMs, limit),
    nextDueMs: () => next.get<{ due_ms: number | null }>()?.due_ms ?? Infinity,
    forget: (seq) => void forget.run(seq),
    forgetParcel: (trackingId) => void forgetParcel.run(trackingId),
    times() {
      const row = times.get<{ dispatch_after_ms: number | null; deliver_after_ms: number | null }>();
      if (row === undefined) return OFF;
      return { dispatchAfterMs: row.dispatch_after_ms, deliverAfterMs: row.deliver_after_ms };
    },
    setTimes: ({ dispatchAfterMs, deliverAfterMs }) => void setTimes.run(dispatchAfterMs, deliverAfterMs),
  };
}

function toEvent({ type, due_ms, order_id, tenant_id, tracking_id }: Row): GridEvent {
  return {
    // A parcel has one of each, so that a repetition has the same id.
    id: `${type}-${tracking_id}`,
    eventType: `Shipping.${type}`,
    subject: `/parcels/${tracking_id}`,
    eventTime: new Date(due_ms).toISOString(),
    dataVersion: '1',
    data: {
      orderId: order_id,
      ...(tenant_id === null ? {} : { tenantId: tenant_id }),
      trackingId: tracking_id,
    },
  };
}
