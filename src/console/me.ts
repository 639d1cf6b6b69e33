// Who the reader is, by the API: what a page shows, and why it does not, follows from the roles.
import { signal } from '@preact/signals';
import type { CallerView } from '../queries/caller-view';
import { get, type Problem } from './api';

/** Undefined until the API has answered. */
export const me = signal<CallerView | undefined>(undefined);
export const meProblem = signal<Problem | undefined>(undefined);

export async function lookWhoAsks(): Promise<void> {
  const answer = await get<CallerView>('me');
  me.value = answer.kind === 'ok' ? answer.value : undefined;
  meProblem.value = answer.kind === 'problem' ? answer.problem : undefined;
}

/** Why a page is not for the reader; undefined when it is. Nobody who is known yet is refused. */
export function whyNotFor(roles: readonly string[], caller: CallerView | undefined): string | undefined {
  if (roles.length === 0 || caller === undefined) return undefined;
  if (caller.roles.some((role) => roles.includes(role))) return undefined;
  const held = caller.roles.length === 0 ? 'no role' : `the role ${caller.roles.join(', ')}`;
  return `it asks for the role ${roles.join(' or ')}, and ${caller.name || 'whoever asks'} has ${held}`;
}
