// Hash from an instance id to its partition.

const FNV_OFFSET_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over the UTF-8 text, as DurableTask.AzureStorage's Fnv1aHashHelper.cs. */
function fnv1a(text: string): number {
  let hash = FNV_OFFSET_BASIS;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
  return hash;
}

/** The partition of an instance; the same on every host, as long as the number of partitions is. */
export const partitionOf = (instanceId: string, count: number): number => fnv1a(instanceId) % count;
