// Export files in a folder of this machine.
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { exportAway, type FileStore } from './export-files';

/** A file appears whole and under its name only once: it is written under another one, and linked. */
export function createFolderFiles(folder: string): FileStore {
  return {
    create: async (file, bytes) => {
      const target = path.join(folder, file);
      const draft = `${target}.${randomUUID()}.draft`;
      await mkdir(path.dirname(target), { recursive: true });
      try {
        const handle = await open(draft, 'wx');
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        return await linked(draft, target);
      } finally {
        await rm(draft, { force: true });
      }
    },
    read: async (file, range) => {
      const handle = await open(path.join(folder, file), 'r').catch((error: unknown) => {
        throw exportAway(error);
      });
      try {
        if (range === undefined) return await handle.readFile();
        const bytes = Buffer.alloc(range.length);
        await handle.read(bytes, 0, range.length, range.offset);
        return bytes;
      } finally {
        await handle.close();
      }
    },
  };
}

async function linked(draft: string, target: string): Promise<boolean> {
  try {
    await link(draft, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}
