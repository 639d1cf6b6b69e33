// Store of the peers' orders in PostgreSQL: documents, events as rows, an outbox, and the list as a read model. Every
// write is one statement, so one round trip and one transaction.
import pg from 'pg';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS orders (
    order_id text PRIMARY KEY, customer_id text NOT NULL, version int NOT NULL, document jsonb NOT NULL
  ) WITH (fillfactor = 50);
  CREATE TABLE IF NOT EXISTS events (
    order_id text NOT NULL, sequence int NOT NULL, event json NOT NULL, PRIMARY KEY (order_id, sequence)
  );
  CREATE TABLE IF NOT EXISTS outbox (position bigserial PRIMARY KEY, event json NOT NULL);
  CREATE TABLE IF NOT EXISTS order_list (
    order_id text PRIMARY KEY, customer_id text NOT NULL, created_at timestamptz NOT NULL, document jsonb NOT NULL
  ) WITH (fillfactor = 50);
  CREATE INDEX IF NOT EXISTS order_list_by_customer ON order_list (customer_id, created_at DESC);`;

const CREATE = `
  WITH placed AS (INSERT INTO orders VALUES ($1, $2, 1, $3)),
    logged AS (INSERT INTO events VALUES ($1, 1, $4))
  INSERT INTO outbox (event) VALUES ($4)`;

/** Does nothing when the order is not at version $2 any more: then this step was written before. */
const APPEND = `
  WITH changed AS (
      UPDATE orders SET version = $3, document = document || $4::jsonb
      WHERE order_id = $1 AND version = $2 RETURNING order_id
    ), news AS (
      SELECT event, n FROM changed, json_array_elements($5::json) WITH ORDINALITY AS each (event, n)
    ), logged AS (INSERT INTO events SELECT $1, $2 + n, event FROM news)
  INSERT INTO outbox (event) SELECT event FROM news ORDER BY n`;

const TAKE_PAGE = `
  DELETE FROM outbox WHERE position IN (
    SELECT position FROM outbox ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED
  ) RETURNING position, event`;

const LIST_PAGE = `
  INSERT INTO order_list SELECT order_id, customer_id, created_at, document
    FROM json_to_recordset($1) AS page (order_id text, customer_id text, created_at timestamptz, document jsonb)
  ON CONFLICT (order_id) DO UPDATE SET document = order_list.document || EXCLUDED.document`;

export async function openStore(connectionString) {
  const pool = new pg.Pool({ connectionString, max: 20 });
  pool.on('error', (error) => console.error(error.message));
  await pool.query(SCHEMA);
  const one = (name, text, values) => pool.query({ name, text, values });
  return {
    create: ({ orderId, customerId }, { document, events: [event] }) =>
      one('create', CREATE, [orderId, customerId, document, event]),
    append: async ({ orderId }, { from, change, events }) => {
      await one('append', APPEND, [orderId, from, change.version, change, JSON.stringify(events)]);
    },
    read: async (orderId) =>
      (await one('read', 'SELECT document FROM orders WHERE order_id = $1', [orderId])).rows[0]?.document,
    list: async (customerId) => {
      const text = 'SELECT document FROM order_list WHERE customer_id = $1 ORDER BY created_at DESC LIMIT 50';
      return (await one('list', text, [customerId])).rows.map(({ document }) => document);
    },
    /** Orders that are under way: a crash may have come between one of them and its saga. */
    unfinished: async () => {
      const text = "SELECT document FROM orders WHERE document->>'status' = 'processing'";
      return (await pool.query(text)).rows.map(({ document }) => document);
    },
    relayPage: (atMost, send) => relayPage(pool, atMost, send),
  };
}

/** Sends the next events and lists their orders; they leave the outbox when both is done. Gives their number. */
async function relayPage(pool, atMost, send) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query({ name: 'take', text: TAKE_PAGE, values: [atMost] });
    const events = rows.sort((a, b) => a.position - b.position).map(({ event }) => event);
    if (events.length > 0) {
      await send(events);
      await client.query({ name: 'list-page', text: LIST_PAGE, values: [JSON.stringify(listed(events))] });
    }
    await client.query('COMMIT');
    return events.length;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

/** One row an order, whatever happened to it within the page. */
function listed(events) {
  const rows = new Map();
  for (const { type, orderId, customerId, occurredAt, sequence, data } of events) {
    const row = rows.get(orderId) ?? { order_id: orderId, customer_id: customerId, created_at: occurredAt };
    const fields = { ...row.document, version: sequence, changedAt: occurredAt };
    if (type === 'OrderCreated') {
      const { lines, totalMinor, currency } = data;
      Object.assign(fields, { orderId, customerId, status: 'processing', createdAt: occurredAt });
      Object.assign(fields, { items: lines, totalAmount: totalMinor / 100, currency });
    }
    if (type === 'ShipmentCreated') fields.trackingId = data.trackingId;
    if (type === 'OrderCompleted') Object.assign(fields, { status: 'completed', completedAt: occurredAt });
    if (type === 'OrderFailed') Object.assign(fields, { status: 'failed', failureCode: data.code });
    rows.set(orderId, { ...row, document: fields });
  }
  return [...rows.values()];
}
