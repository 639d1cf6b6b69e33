// Keeps strangers out of simulators that the internet can reach: every path begins with a segment that only the app is
// given. Health is open, so that the platform can ask for it.
import { createHash, timingSafeEqual } from 'node:crypto';

/** Where health is asked for without the prefix. */
const OPEN_HEALTH = '/healthz';
const HEALTH = '/control/health';
/** No endpoint has this path. */
const NOWHERE = '/';

/** Gives the path and query of a request without `prefix`, or a path that leads nowhere when it is not there. */
export function createPathReader(prefix: string | undefined): (url: string) => string {
  if (prefix === undefined) return (url) => url;
  const expected = digest(prefix);
  return (url) => {
    if (url === OPEN_HEALTH) return HEALTH;
    const [, first = '', rest = ''] = /^\/([^/?]*)(\/.*)?$/.exec(url) ?? [];
    return timingSafeEqual(digest(first), expected) ? rest : NOWHERE;
  };
}

/** Digests have one length, which comparing in constant time needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
