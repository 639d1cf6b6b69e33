// What a caller may do: what the order allows, less what the routes of it ask other roles for.
import { orderActions, type AllowedAction, type OrderAction, type SeenSaga } from '../commands/order-actions';
import type { OrderHead } from '../domain/order';
import { rolesFor, scopeFor, type Access } from '../identity/access';
import type { Caller } from '../identity/caller';

/** Who may call the route of each action, as its entry in the route table says (a test compares). */
export const ORDER_ACTION_ACCESS: Readonly<Record<OrderAction, Access>> = {
  cancel: 'customer',
  approve: 'approver',
  reject: 'approver',
  suspend: 'operator',
  resume: 'operator',
  terminate: 'operator',
  compensate: 'operator',
  repair: 'operator',
};

export function orderActionsFor(
  caller: Caller,
  order: OrderHead,
  saga: SeenSaga,
): readonly AllowedAction<OrderAction>[] {
  return allowedFor(caller, orderActions(order, saga), (action) => ORDER_ACTION_ACCESS[action]);
}

/** The actions, refused where none of the caller's roles may change something there. */
export function allowedFor<A extends string>(
  caller: Caller,
  actions: readonly AllowedAction<A>[],
  accessOf: (action: A) => Access,
): readonly AllowedAction<A>[] {
  return actions.map((one) => {
    const roles = rolesFor(accessOf(one.action), 'POST') ?? [];
    if (scopeFor(roles, caller) !== undefined) return one;
    return { ...one, allowed: false, why: `it asks for the role ${roles.join(' or ')}` };
  });
}
