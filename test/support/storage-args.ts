// The start flags of a system on a storage mode, for tests that kill hosts: what a host had taken comes back soon.
import type { StorageMode } from '../../local/durable/hub';

/** Long enough for a host under load to renew what it holds. */
export const VISIBILITY_S = 5;

export const storageArgs = (storage: StorageMode): readonly string[] =>
  storage === 'atomic' ? [] : ['--storage', storage, '--visibility', String(VISIBILITY_S)];
