// Export files in JSON lines, compressed by gzip, over whatever keeps bytes. Each group is a gzip member of its own: together they
// are one file that any tool unpacks, and one of them can be read by its place.
import { gunzipSync, gzipSync } from 'node:zlib';
import { TransientError } from '../errors';
import type { ExportFiles, FilePlace } from '../ports/exports';
import { createBoundedMap } from '../projections/bounded-map';

/** Keeps files that never change. */
export interface FileStore {
  /** False, and nothing is written, when there is a file of that name. All of it or nothing is written. */
  create(file: string, bytes: Buffer): Promise<boolean>;
  /** The whole file unless a range is given. */
  read(file: string, range?: { readonly offset: number; readonly length: number }): Promise<Buffer>;
}

/** Orders whose exported events are remembered: they never change. */
const REMEMBERED = 200;

export function createExportFiles(files: FileStore): ExportFiles {
  const read = createBoundedMap<readonly unknown[]>(REMEMBERED);
  return {
    create: async (file, groups) => {
      const members = groups.map((lines) =>
        gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
      );
      const bytes = Buffer.concat(members);
      if (!(await files.create(file, bytes)) && !(await files.read(file)).equals(bytes)) return undefined;
      let offset = 0;
      return members.map(({ length }): FilePlace => {
        offset += length;
        return { file, offset: offset - length, length };
      });
    },
    read: async (place) => {
      const key = `${place.file}:${place.offset}`;
      const known = read.get(key);
      if (known !== undefined) return known;
      const lines = linesOf(gunzipSync(await files.read(place.file, place)).toString('utf8'));
      read.set(key, lines);
      return lines;
    },
  };
}

/** What a place of files that does not answer is thrown as. */
export function exportAway(cause: unknown): TransientError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new TransientError('STORE_UNAVAILABLE', `the export does not answer: ${message}`, {
    outage: true,
    cause,
  });
}

function linesOf(text: string): readonly unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
}
