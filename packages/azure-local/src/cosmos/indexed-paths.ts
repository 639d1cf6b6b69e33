// Check that a container's indexing policy indexes the one path of an ORDER BY. The look-alike could sort without; the
// service refuses such a query, so it is refused here too. A filter on a path that is not indexed is served, by reading.
import { isObject, type Json } from './protocol/json';

/** Whether the policy indexes the value at `path` (`/a/b`). The most precise of its paths decides, as in the service. */
export function isIndexed(path: string, policy: Json | undefined): boolean {
  // By the service whatever a policy says.
  if (path === '/id' || path === '/_ts' || !isObject(policy)) return true;
  const included = precision(path, policy.includedPaths);
  const excluded = precision(path, policy.excludedPaths);
  return included === 0 && excluded === 0 ? !Array.isArray(policy.includedPaths) : included > excluded;
}

/** How precise the most precise of `paths` is that takes in `path`; 0 when none does. `/a/?` is more so than `/a/*`. */
function precision(path: string, paths: Json | undefined): number {
  if (!Array.isArray(paths)) return 0;
  const precisions = paths.map((entry) => {
    const written = isObject(entry) && typeof entry.path === 'string' ? entry.path : '';
    const parts = written.replaceAll('"', '').split('/').slice(1);
    const last = parts.pop();
    const own = path.split('/').slice(1);
    const isTaken = parts.every((part, at) => part === own[at]);
    if (last === '*') return isTaken ? 2 * parts.length + 1 : 0;
    return last === '?' && isTaken && parts.length === own.length ? 2 * parts.length + 2 : 0;
  });
  return Math.max(0, ...precisions);
}
