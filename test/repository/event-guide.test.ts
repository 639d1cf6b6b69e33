// docs/new-event-type.md, followed to the letter on a copy of the code.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { createMemoryOrderStore } from '../support/memory-order-store';
import { SCOPE, orderAfter, started, AT } from '../support/orders';

const root = path.resolve(__dirname, '../..');

/** What the page tells to write: a new file, or lines above a line that is there. */
const STEP =
  /(?:In `(?<edited>[^`]+)`, above the line `(?<line>.+)`|The new file `(?<made>[^`]+)`):\n\n```ts\n(?<code>[^]+?)```/g;

/** A copy of the code after every step of the page; the files that the page names. */
function follow(page: string): { readonly copy: string; readonly files: readonly string[] } {
  const copy = mkdtempSync(path.join(tmpdir(), 'new-event-type-'));
  for (const folder of ['src', 'test/support', 'tools/docs', 'local'])
    cpSync(path.join(root, folder), path.join(copy, folder), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  const files = [...page.matchAll(STEP)].map(({ groups = {} }) => {
    const { edited, line = '', made = '', code = '' } = groups;
    const file = path.join(copy, edited ?? made);
    if (edited === undefined) mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, edited === undefined ? code : insertAbove(readFileSync(file, 'utf8'), line, code));
    return file;
  });
  return { copy, files };
}

function insertAbove(text: string, line: string, code: string): string {
  const lines = text.split('\n');
  const index = lines.findIndex((candidate) => candidate.trim() === line);
  if (index < 0) throw new Error(`the page names the line ${line}, which is not there`);
  return [...lines.slice(0, index), code.trimEnd(), ...lines.slice(index)].join('\n');
}

/** What the compiler says about `files` and all they import, under the rules of this project. */
function complaints(files: readonly string[]): string[] {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const { rootDir, outDir, ...rest } = options;
  const program = ts.createProgram([...files], { ...rest, noEmit: true, types: ['node'] });
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ messageText, file }) =>
        `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
}

/** The parts of the copy that this test calls, as far as it calls them. */
interface Followed {
  syncInventory(ports: object, scope: object, what: { orderId: string; warehouse: string }): Promise<string>;
  createSyncedOrders(): {
    project(events: readonly unknown[]): Promise<void>;
    ordersOf(warehouse: string): string[];
  };
  readEvent(json: unknown): { kind: string; event?: unknown };
  checkOutgoing(event: unknown): void;
}

describe('the guide to a new event type', () => {
  const { copy, files } = follow(readFileSync(path.join(root, 'docs/new-event-type.md'), 'utf8'));
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  test('names seven places, and the compiler is content with all of them', () => {
    expect(files).toHaveLength(7);
    expect(complaints(files)).toEqual([]);
  });

  test('makes InventorySynced be published by its producer and reach its read model', async () => {
    const load = async (file: string): Promise<Partial<Followed>> =>
      (await import(path.join(copy, file))) as Partial<Followed>;
    const followed = {
      ...(await load('src/commands/sync-inventory.ts')),
      ...(await load('src/projections/synced-orders.ts')),
      ...(await load('src/events/read-event.ts')),
    } as Followed;
    const orders = createMemoryOrderStore();
    const order = orderAfter(started);
    orders.seed(order, []);
    const ports = { orders, clock: { nowMs: () => Date.parse(AT) } };
    const what = { orderId: order.orderId, warehouse: 'berlin' };
    expect(await followed.syncInventory(ports, SCOPE, what)).toBe('appended');

    const synced = followed.createSyncedOrders();
    for (const stored of await orders.eventsAfter(SCOPE, order.orderId, 0)) {
      const read = followed.readEvent(stored);
      expect(read).toMatchObject({ kind: 'event', event: { type: 'InventorySynced', schemaVersion: 1 } });
      expect(() => followed.checkOutgoing(read.event)).not.toThrow();
      await synced.project([read.event]);
    }
    expect(synced.ordersOf('berlin')).toEqual([order.orderId]);
  });
});
