// The memory of duplicate detection alone: what it remembers, and that it does not grow.
import { Duplicates } from '../../src/servicebus/duplicates';
import { SCHEMA } from '../../src/servicebus/store-schema';
import { Journal } from '../../src/storage/journal';

const WINDOW_MS = 1_000;

test('message ids are new once in their window, and those whose window is over do not pile up', async () => {
  const journal = new Journal(':memory:');
  try {
    journal.schema(SCHEMA);
    const duplicates = new Duplicates(journal);
    const isNew = (id: string, nowMs: number): Promise<boolean> =>
      journal.write(() => duplicates.isNew(1, id, nowMs, WINDOW_MS));
    expect([await isNew('a', 0), await isNew('a', 999), await isNew('a', 1_000)]).toEqual([
      true,
      false,
      true,
    ]);
    for (let at = 0; at < 1_000; at += 1) await isNew(`id-${at}`, at * 100);
    const kept = journal.statement('SELECT count(*) AS kept FROM servicebus_seen').get<{ kept: number }>();
    expect(kept?.kept).toBeLessThan(100);
  } finally {
    await journal.close();
  }
});
