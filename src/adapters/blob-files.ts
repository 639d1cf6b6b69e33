// Export files as blobs of one container of Azure Storage, by managed identity, or by the signature in the container's URL.
import type { ContainerClient } from '@azure/storage-blob';
import { exportAway, type FileStore } from './export-files';

const [CONFLICT, EXISTS] = [409, 412];
const TRIES = 3;

/** Files of the container at `url`; the SDK is loaded at the first use. */
export function createBlobFiles(url: string): FileStore {
  let client: Promise<ContainerClient> | undefined;
  const container = (): Promise<ContainerClient> =>
    (client ??= connect(url).catch((error: unknown) => {
      client = undefined;
      throw error;
    }));
  return {
    create: async (file, bytes) => {
      const blob = (await container()).getBlockBlobClient(file);
      try {
        await blob.uploadData(bytes, {
          conditions: { ifNoneMatch: '*' },
          // One request, so that the condition holds for all of it.
          maxSingleShotSize: Math.max(bytes.byteLength, 1),
          blobHTTPHeaders: { blobContentType: 'application/gzip' },
        });
        return true;
      } catch (error) {
        const status = statusOf(error);
        if (status === CONFLICT || status === EXISTS) return false;
        throw exportAway(error);
      }
    },
    read: async (file, range) => {
      const blob = (await container()).getBlobClient(file);
      try {
        return range === undefined
          ? await blob.downloadToBuffer()
          : await blob.downloadToBuffer(range.offset, range.length);
      } catch (error) {
        throw exportAway(error);
      }
    },
  };
}

/** Loaded only where it is needed: no cold start waits for it. */
async function connect(url: string): Promise<ContainerClient> {
  const storage = await import('@azure/storage-blob');
  const options = { retryOptions: { maxTries: TRIES } };
  if (new URL(url).searchParams.has('sig')) return new storage.ContainerClient(url, undefined, options);
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new storage.ContainerClient(url, new DefaultAzureCredential(), options);
}

function statusOf(error: unknown): number {
  return typeof error === 'object' && error !== null && 'statusCode' in error
    ? Number(error.statusCode)
    : NaN;
}
