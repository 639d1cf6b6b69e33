// Filter of instances for lists and purges, and its SQL.
import type { SqlValue } from '../storage/statements';
import type { RuntimeStatus } from './instance';

/** What a list or a purge asks for; an absent field does not restrict. */
export interface InstanceFilter {
  readonly createdFromMs?: number;
  readonly createdToMs?: number;
  readonly statuses?: readonly RuntimeStatus[];
  readonly idPrefix?: string;
  readonly afterId?: string;
  readonly updatedFromMs?: number;
  readonly updatedToMs?: number;
  /** Only entities whose state exists. */
  readonly hasState?: boolean;
}

/** The condition of a WHERE clause and its parameters. */
export function whereOf(filter: InstanceFilter): [string, SqlValue[]] {
  const conditions = ['1'];
  const params: SqlValue[] = [];
  const add = (condition: string, ...values: SqlValue[]): void => {
    conditions.push(condition);
    params.push(...values);
  };
  if (filter.createdFromMs !== undefined) add('created_ms >= ?', filter.createdFromMs);
  if (filter.createdToMs !== undefined) add('created_ms <= ?', filter.createdToMs);
  if (filter.updatedFromMs !== undefined) add('updated_ms >= ?', filter.updatedFromMs);
  if (filter.updatedToMs !== undefined) add('updated_ms <= ?', filter.updatedToMs);
  if (filter.hasState === true) add("ended <> 1 AND json_extract(input, '$.exists')");
  if (filter.afterId !== undefined) add('id > ?', filter.afterId);
  if (filter.idPrefix !== undefined) {
    add('id >= ? AND substr(id, 1, ?) = ?', filter.idPrefix, filter.idPrefix.length, filter.idPrefix);
  }
  if (filter.statuses !== undefined) {
    add(`status IN (${filter.statuses.map(() => '?').join(', ')})`, ...filter.statuses);
    // Lets SQLite take the index of unfinished instances, which is small however many have ended.
    if (filter.statuses.every((status) => UNFINISHED.has(status))) add('ended <> 1');
  }
  return [conditions.join(' AND '), params];
}

const UNFINISHED: ReadonlySet<RuntimeStatus> = new Set(['Pending', 'Running', 'Suspended']);
