// Start flags of a system on a storage mode, for tests that kill hosts: what a killed host had taken becomes visible
// soon.
import type { StorageMode } from '../src/durable/hub';

/** Long enough for a host under load to renew what it holds. */
const VISIBILITY_S = 4;

/** Who is killed on which storage in the suites that run always: the modes differ in what a host leaves behind. */
export const KILLED = [
  ['host', 'atomic'],
  ['all', 'atomic'],
  ['host', 'azure'],
] as const;

export const storageArgs = (storage: StorageMode): readonly string[] =>
  storage === 'atomic' ? [] : ['--storage', storage, '--visibility', String(VISIBILITY_S)];
