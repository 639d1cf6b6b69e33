// Table of routes: finds the most specific template that matches path and method. It knows no function.
import { pathSegments } from './request-target';
import { compareTemplates, parseTemplate, type Segment } from './route-template';

export interface Route<Target> {
  readonly template: string;
  /** In upper case; empty for any. */
  readonly methods: readonly string[];
  /** Names the route in errors. */
  readonly name: string;
  readonly target: Target;
}

export interface RouteMatch<Target> {
  readonly target: Target;
  readonly params: Record<string, string>;
}

export type RouteTable<Target> = (method: string, path: string) => RouteMatch<Target> | undefined;

/**
 * Builds the table. A route whose method or constraint does not fit gives way to the next; among equally specific ones
 * the first registered wins.
 */
export function createRouteTable<Target>(routes: readonly Route<Target>[]): RouteTable<Target> {
  const ordered = routes
    .map((route) => ({ ...route, segments: parseTemplate(route.template, route.name) }))
    .sort((a, b) => compareTemplates(a.segments, b.segments));
  const byMethod = new Map<string, typeof ordered>();
  const ofMethod = (method: string): typeof ordered => {
    let fitting = byMethod.get(method);
    if (fitting === undefined) {
      fitting = ordered.filter(({ methods }) => methods.length === 0 || methods.includes(method));
      byMethod.set(method, fitting);
    }
    return fitting;
  };
  return (method, path) => {
    const values = pathSegments(path);
    const length = values.length - (values.at(-1) === '' ? 1 : 0);
    const lowered = values.map((value) => value.toLowerCase());
    for (const { segments, target } of ofMethod(method)) {
      const params = matchSegments(segments, values, lowered, length);
      if (params !== undefined) return { target, params };
    }
    return undefined;
  };
}

/** `length` leaves out the empty last segment of a trailing slash, which only a catch-all sees. */
function matchSegments(
  segments: readonly Segment[],
  values: readonly string[],
  lowered: readonly string[],
  length: number,
): Record<string, string> | undefined {
  if (length > segments.length && segments.at(-1)?.kind !== 'catchAll') return undefined;
  if (!haveLiterals(segments, lowered, length)) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    if (segment.kind === 'literal') continue;
    const given =
      index >= length
        ? undefined
        : segment.kind === 'catchAll'
          ? values.slice(index).join('/')
          : values[index];
    const value = given ?? segment.defaultValue;
    if (value === undefined) {
      if (segment.isOptional || segment.kind === 'catchAll') continue;
      return undefined;
    }
    if (value === '' && segment.kind === 'parameter') return undefined;
    if (!segment.constraints.every((constraint) => constraint(value))) return undefined;
    params[segment.name] = value;
  }
  return params;
}

/** Most routes are another's: they are told by their literals, before anything is made for them. */
function haveLiterals(segments: readonly Segment[], lowered: readonly string[], length: number): boolean {
  for (let index = 0; index < segments.length; index += 1) {
    const segment = segments[index];
    if (segment?.kind === 'literal' && (index >= length || lowered[index] !== segment.text)) return false;
  }
  return true;
}
