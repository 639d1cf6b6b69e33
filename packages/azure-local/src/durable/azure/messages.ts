// Queues of a task hub: one per partition for orchestrations (control queues) and one for activities (work items).
// Follows DurableTask.AzureStorage, Messaging/TaskHubQueue.cs. To be called inside a commit of the shared file.
//
// message-queue.A1  A message that is taken is hidden until its visibility ends; only the holder of its latest receipt
//   may renew, release or delete it.
import type { SharedFile } from '../../storage/shared-file';
import type { Message } from '../instance';
import type { StartFacts } from '../history-events';
import type { ActivityTask } from '../tasks';

/** What a control queue carries to an instance. */
export interface ControlBody extends Omit<Message, 'inboxId'> {
  /** Of a start. */
  readonly facts?: StartFacts;
  /** Of an entity's answer: the id of the request. */
  readonly answers?: string;
}

/** What the work-item queue carries: a call of an activity for an instance. */
export interface WorkItemBody {
  readonly kind: 'activity';
  readonly task: ActivityTask;
}

export type Body = ControlBody | WorkItemBody;

/** A message before it is in a queue. */
export interface NewMessage<B extends Body = Body> {
  readonly queue: string;
  readonly instanceId: string;
  /** Null for what any execution of the instance may take. */
  readonly executionId: string | null;
  readonly body: B;
  /** Hidden until then; absent for at once. */
  readonly visibleMs?: number;
}

/** A message in a queue; `receipt` is the one that was its latest when it was read. */
export interface QueueMessage<B extends Body = Body> extends NewMessage<B> {
  readonly id: number;
  readonly insertedMs: number;
  readonly visibleMs: number;
  readonly dequeueCount: number;
  readonly receipt: number;
}

export type ControlMessage = QueueMessage<ControlBody>;
export type WorkItem = QueueMessage<WorkItemBody>;

export const WORK_ITEMS = 'workitems';

export const controlQueue = (partition: number): string => `control-${String(partition).padStart(2, '0')}`;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS hub_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, instance_id TEXT NOT NULL, execution_id TEXT,
    body TEXT NOT NULL, inserted_ms INTEGER NOT NULL, visible_ms INTEGER NOT NULL, dequeue_count INTEGER NOT NULL DEFAULT 0,
    receipt INTEGER NOT NULL DEFAULT 0);
  CREATE INDEX IF NOT EXISTS hub_visible ON hub_messages (queue, visible_ms, id);`;

interface Row {
  readonly id: number;
  readonly queue: string;
  readonly instanceId: string;
  readonly executionId: string | null;
  readonly body: string;
  readonly insertedMs: number;
  readonly visibleMs: number;
  readonly dequeueCount: number;
  readonly receipt: number;
}

const COLUMNS =
  'id, queue, instance_id AS instanceId, execution_id AS executionId, body, inserted_ms AS insertedMs, ' +
  'visible_ms AS visibleMs, dequeue_count AS dequeueCount, receipt';

const fromRow = ({ body, ...row }: Row): QueueMessage => ({ ...row, body: JSON.parse(body) as Body });

export type Messages = ReturnType<typeof createMessages>;

/** Opens the queues in `file`, or creates them. */
export function createMessages(file: SharedFile) {
  file.schema(SCHEMA);
  const insert = file.statement(
    'INSERT INTO hub_messages (queue, instance_id, execution_id, body, inserted_ms, visible_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const due = file.statement(
    `SELECT ${COLUMNS} FROM hub_messages WHERE queue = ? AND visible_ms <= ? ORDER BY visible_ms, id LIMIT ?`,
  );
  const hide = file.statement(
    'UPDATE hub_messages SET visible_ms = ?, dequeue_count = dequeue_count + ?, receipt = receipt + 1 WHERE id = ? AND receipt = ?',
  );
  const remove = file.statement('DELETE FROM hub_messages WHERE id = ? AND receipt = ?');
  const next = file.statement('SELECT min(visible_ms) AS ms FROM hub_messages WHERE queue = ?');

  return {
    add({ queue, instanceId, executionId, body, visibleMs }: NewMessage, nowMs: number): void {
      insert.run(
        queue,
        instanceId,
        executionId,
        JSON.stringify(body),
        nowMs,
        Math.max(nowMs, visibleMs ?? nowMs),
      );
    },

    /**
     * message-queue.A1. At most `limit` visible messages, the one that became visible first first; hidden for
     * `hiddenMs` from now on.
     */
    take(queue: string, limit: number, nowMs: number, hiddenMs: number): QueueMessage[] {
      return due.all<Row>(queue, nowMs, limit).map((row) => {
        const visibleMs = nowMs + hiddenMs;
        hide.run(visibleMs, 1, row.id, row.receipt);
        const dequeueCount = row.dequeueCount + 1;
        return { ...fromRow(row), visibleMs, dequeueCount, receipt: row.receipt + 1 };
      });
    },

    /**
     * message-queue.A1. The message with its new receipt, hidden until `visibleMs`; undefined when the receipt is not
     * the latest.
     */
    hideUntil<M extends QueueMessage>(message: M, visibleMs: number): M | undefined {
      const { changes } = hide.run(visibleMs, 0, message.id, message.receipt);
      return changes === 0 ? undefined : { ...message, visibleMs, receipt: message.receipt + 1 };
    },

    /** message-queue.A1. Whether it was there under this receipt. */
    delete: ({ id, receipt }: QueueMessage): boolean => remove.run(id, receipt).changes > 0,

    /** When the first message of the queue is, or becomes, visible. */
    nextVisibleMs: (queue: string): number | undefined =>
      next.get<{ ms: number | null }>(queue)?.ms ?? undefined,

    /** Every message of the hub, hidden ones too, by queue and visibility. */
    all: (): QueueMessage[] =>
      file
        .statement(`SELECT ${COLUMNS} FROM hub_messages ORDER BY queue, visible_ms, id`)
        .all<Row>()
        .map(fromRow),
  };
}
