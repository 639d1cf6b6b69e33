// Parser of the request target of an HTTP request line, as Kestrel reads it: decoded segment by segment, %2F left
// alone, malformed escapes left as they are.

export interface RequestTarget {
  /** The path as sent, without dot segments; it begins with '/'. */
  readonly path: string;
  /** Without '?'; '' for none. */
  readonly query: string;
  /** The query with its '?'; '' where the target has no '?'. */
  readonly search: string;
}

/** Returns undefined for what names no resource of this host: `*`, or an absolute form that is no URL. */
export function parseTarget(text: string): RequestTarget | undefined {
  const target = text.startsWith('/') ? text : stripOrigin(text);
  if (target === undefined) return undefined;
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const search = mark === -1 ? '' : target.slice(mark);
  return { path: withoutDotSegments(path), query: search.slice(1), search };
}

/** Splits a path into decoded segments; a trailing slash gives an empty last one. */
export function pathSegments(path: string): string[] {
  const segments = path.slice(1).split('/');
  return path.includes('%') ? segments.map(decodeSegment) : segments;
}

/** Query values by name; a repeated name (case does not matter) gives its values joined with a comma. */
export function parseQuery(query: string): Record<string, string> {
  const values: Record<string, string> = {};
  if (query === '') return values;
  const names = new Map<string, string>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodeQueryPart(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decodeQueryPart(pair.slice(equals + 1));
    const known = names.get(name.toLowerCase());
    if (known === undefined) {
      names.set(name.toLowerCase(), name);
      Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
    } else {
      values[known] = `${values[known] ?? ''},${value}`;
    }
  }
  return values;
}

function decodeQueryPart(text: string): string {
  return decodeEscapes(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  return segment
    .split(/(%2f)/i)
    .map((part) => (/^%2f$/i.test(part) ? part : decodeEscapes(part)))
    .join('');
}

function decodeEscapes(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run);
      } catch {
        return run;
      }
    });
  }
}

function stripOrigin(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { pathname, search } = new URL(text);
  return pathname + (search === '' && text.endsWith('?') ? '?' : search);
}

function withoutDotSegments(path: string): string {
  if (!path.includes('/.') && !/\/%2e/i.test(path)) return path;
  return new URL(`http://host${path}`).pathname;
}
