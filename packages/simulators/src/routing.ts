// Router: resolves a method and a path of the form /<service>/<collection>[/{key}[/<action>]].

export interface Match<T> {
  readonly target: T;
  /** The decoded third segment: a key or a product id; empty when the path has none. */
  readonly key: string;
  readonly query: URLSearchParams;
}

const NO_QUERY = new URLSearchParams();

/**
 * A router over patterns such as `POST /payments/charges/{key}/refund`, where `{key}` can only be the third segment.
 * It returns undefined for a path that has no pattern, or whose key is not valid percent-encoding.
 */
export function createRouter<T>(
  patterns: Readonly<Record<string, T>>,
): (method: string, url: string) => Match<T> | undefined {
  const targets = new Map(Object.entries(patterns));
  return (method, url) => {
    const queryAt = url.indexOf('?');
    const path = queryAt === -1 ? url : url.slice(0, queryAt);
    const [, service, collection, key, action, ...rest] = path.split('/');
    if (service === undefined || collection === undefined || key === '' || rest.length > 0) return undefined;
    const keyPart = key === undefined ? '' : '/{key}';
    const actionPart = action === undefined ? '' : `/${action}`;
    const target = targets.get(`${method} /${service}/${collection}${keyPart}${actionPart}`);
    const decoded = key === undefined ? '' : decode(key);
    if (target === undefined || decoded === undefined) return undefined;
    const query = queryAt === -1 ? NO_QUERY : new URLSearchParams(url.slice(queryAt + 1));
    return { target, key: decoded, query };
  };
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
