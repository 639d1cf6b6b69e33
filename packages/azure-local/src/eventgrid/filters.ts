// Filter of a subscription, compiled once into a predicate over events. Texts are compared without case, as the
// service does, except subjects of a subscription that asks for case.
import type { AcceptedEvent } from './event-schemas';
import type { AdvancedFilter, Subscription } from './topics';

export type EventFilter = (event: AcceptedEvent) => boolean;

/** True for an event that passes all of the filters. */
export function compileFilter(subscription: Subscription): EventFilter {
  const { includedEventTypes, advancedFilters, isSubjectCaseSensitive } = subscription;
  const cased = isSubjectCaseSensitive ? (text: string): string => text : lower;
  const begin = cased(subscription.subjectBeginsWith);
  const end = cased(subscription.subjectEndsWith);
  const types = includedEventTypes === undefined ? undefined : new Set(includedEventTypes.map(lower));
  const advanced = advancedFilters.map(compileAdvanced);
  return ({ type, subject, fields }) => {
    if (types !== undefined && !types.has(lower(type))) return false;
    const given = cased(subject);
    return given.startsWith(begin) && given.endsWith(end) && advanced.every((passes) => passes(fields));
  };
}

type Fields = AcceptedEvent['fields'];

function compileAdvanced(filter: AdvancedFilter): (fields: Fields) => boolean {
  const path = filter.key.split('.');
  switch (filter.operatorType) {
    case 'StringIn': {
      const values = new Set(filter.values.map(lower));
      return (fields) => {
        const found = valueAt(fields, path);
        return typeof found === 'string' && values.has(lower(found));
      };
    }
    case 'NumberGreaterThan':
      return (fields) => {
        const found = valueAt(fields, path);
        return typeof found === 'number' && found > filter.value;
      };
  }
}

function valueAt(fields: Fields, path: readonly string[]): unknown {
  let value: unknown = fields;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Fields)[name];
  }
  return value;
}

function lower(text: string): string {
  return text.toLowerCase();
}
