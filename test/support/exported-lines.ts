// What the export has written: the lines of its files, and a watcher that acts when the first of some appears.
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

export type ExportedLine = Readonly<Record<string, unknown>>;

/** The lines of all files of the kind in the folder of the export. */
export function exportedLines(folder: string, kind: 'events' | 'histories'): readonly ExportedLine[] {
  if (!existsSync(path.join(folder, kind))) return [];
  return readdirSync(path.join(folder, kind), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.jsonl.gz'))
    .flatMap((file) =>
      gunzipSync(readFileSync(path.join(folder, kind, file)))
        .toString()
        .split('\n'),
    )
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ExportedLine);
}

/** Calls `act` when a file of events appears in the folder, once; resolves then. */
export async function onNextFile(
  folder: string,
  act: () => Promise<void>,
): Promise<{ readonly seen: Promise<void> }> {
  const events = path.join(folder, 'events');
  // Watched before it is there, with the day of today: a folder that appears later would be watched too late.
  await mkdir(path.join(events, new Date().toISOString().slice(0, 10)), { recursive: true });
  const seen = new Promise<void>((resolve, reject) => {
    const watcher = watch(events, { recursive: true }, (_event, file) => {
      if (file?.endsWith('.jsonl.gz') !== true) return;
      watcher.close();
      act().then(resolve, reject);
    });
  });
  return { seen };
}
