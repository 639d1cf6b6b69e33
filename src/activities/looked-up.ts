// Reading of a look-up by key: what it proves about a step, or about an undoing, whose answer was lost.
import type { Found, NeverDone, Undoing } from '../ports/downstream';

/** What a look-up shows to have been done and to stand, in one of `statuses`. */
export function standing<T extends { readonly status: string }>(
  found: Found<T | NeverDone>,
  ...statuses: readonly string[]
): Found<Exclude<T, NeverDone>> {
  if (found.kind !== 'done') return found;
  const { value } = found;
  const stands = value !== null && statuses.includes(value.status);
  return stands ? { kind: 'done', value: value as Exclude<T, NeverDone> } : NOTHING;
}

/** What a look-up proves about an undoing whose answer was lost; null while what was done stands. */
export function undoing(found: Found<{ readonly status: string }>): Found<Undoing> {
  if (found.kind !== 'done') return found;
  const status = found.value?.status ?? 'nothing';
  if (UNDONE.includes(status)) return { kind: 'done', value: { found: 'undone' } };
  return NEVER_DONE.includes(status) ? { kind: 'done', value: { found: 'closed' } } : NOTHING;
}

const NOTHING = { kind: 'done', value: null } as const;
const UNDONE: readonly string[] = ['released', 'refunded', 'cancelled'];
const NEVER_DONE: readonly string[] = ['closed', 'refused'] satisfies NeverDone['status'][];
