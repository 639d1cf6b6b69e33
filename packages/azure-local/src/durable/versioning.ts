// Orchestration versions, as `extensions.durableTask` of host.json sets them: the version of a new instance, and
// whether this host may run an instance of another one.
import type { StartFacts } from './history-events';

export interface Versioning {
  /** Of instances that are started without a version; null for none, which is older than any. */
  readonly defaultVersion: string | null;
  readonly matchStrategy: 'None' | 'Strict' | 'CurrentOrOlder';
  /** What becomes of an instance that does not match: it waits for a host that takes it, or it fails. */
  readonly failureStrategy: 'Reject' | 'Fail';
}

/** Whether an instance of this version may not run here. */
export function isMismatch({ version }: StartFacts, versioning: Versioning | undefined): boolean {
  if (version === versioning?.defaultVersion) return false;
  switch (versioning?.matchStrategy) {
    case 'Strict':
      return (version ?? '') !== (versioning.defaultVersion ?? '');
    case 'CurrentOrOlder':
      return compareVersions(version ?? '', versioning.defaultVersion ?? '') > 0;
    case 'None':
    case undefined:
      return false;
  }
}

/** DurableTask.Core's order: none is oldest, then System.Version's order, else the order of the text without case. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.trim(), b.trim()];
  if (left === '' || right === '') return Math.sign(left.length - right.length);
  const [leftParts, rightParts] = [numbers(left), numbers(right)];
  if (leftParts !== undefined && rightParts !== undefined) {
    for (let index = 0; index < MAX_PARTS; index += 1) {
      // System.Version counts an absent part as smaller than 0.
      const difference = (leftParts[index] ?? -1) - (rightParts[index] ?? -1);
      if (difference !== 0) return Math.sign(difference);
    }
    return 0;
  }
  const [lower, other] = [left.toLowerCase(), right.toLowerCase()];
  return lower === other ? 0 : lower < other ? -1 : 1;
}

const MAX_PARTS = 4;

/** The parts of what System.Version would parse: two to four numbers. */
function numbers(version: string): number[] | undefined {
  return /^\d+(\.\d+){1,3}$/.test(version) ? version.split('.').map(Number) : undefined;
}
