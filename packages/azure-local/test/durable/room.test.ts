// The room that durable histories take on disk.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createStore } from '../../src/durable/store';
import { Journal } from '../../src/storage/journal';

const RUNS = 200;
/** Of the five episodes of an order: more than a quarter of a page each, which is where half-empty pages come from. */
const EPISODE_BYTES = [3_800, 2_500, 2_550, 2_650, 1_100];

test('histories take at most half as much again on disk as their text', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'durable-room-'));
  const journal = new Journal(path.join(folder, 'host.db'));
  try {
    createStore(journal);
    const pages = (): number =>
      journal
        .statement('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
        .get<{
          bytes: number;
        }>()?.bytes ?? 0;
    const before = pages();
    const add = journal.statement('INSERT INTO durable_episodes VALUES (?, ?, ?, NULL)');
    // As they come: many runs are under way at a time.
    await journal.write(() =>
      EPISODE_BYTES.forEach((bytes, number) => {
        for (let key = 1; key <= RUNS; key += 1) add.run(key, number, 'x'.repeat(bytes));
      }),
    );
    const text = RUNS * EPISODE_BYTES.reduce((sum, bytes) => sum + bytes, 0);
    expect(pages() - before).toBeLessThan(1.5 * text);
  } finally {
    await journal.close();
    rmSync(folder, { recursive: true });
  }
});
