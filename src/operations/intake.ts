// Pausing and resuming the intake of a tenant's orders, and the gate that every order passes. Sagas that run go on.
//
// intake.I1  The state lies in the store. Every host asks for it when an order comes and what it knows is older than
//   SEEN_WITHIN_MS: so all of them have seen a change within that time.
// intake.I2  An act is on record before the state is changed: a crash leaves an act too many, never one too few.
import { allowedActions, type AllowedAction } from '../commands/order-actions';
import type { TenantScope } from '../domain/scope';
import type { Audit } from '../ports/audit';
import { toIso, type Clock } from '../ports/clock';
import type { IntakeGate, IntakeState, IntakeStore } from '../ports/intake';

/** Within which time every host follows a change. */
export const SEEN_WITHIN_MS = 2_000;

export const INTAKE_ACTIONS = ['pause', 'resume'] as const;
export type IntakeAction = (typeof INTAKE_ACTIONS)[number];

export interface IntakePorts {
  readonly intake: IntakeStore;
  readonly audit: Audit;
  readonly clock: Clock;
}

export interface IntakeRequest {
  readonly scope: TenantScope;
  readonly action: IntakeAction;
  readonly operator: string;
  readonly reason: string;
}

/** `refused`: it is so already; `state` says who made it so. */
export type IntakeChanged =
  | { readonly kind: 'changed'; readonly state: IntakeState }
  | { readonly kind: 'refused'; readonly why: string; readonly state: IntakeState };

/** Each conflict means that another operator has got on. */
const MAX_CONFLICTS = 5;

export function intakeActions(state: IntakeState): readonly AllowedAction<IntakeAction>[] {
  return allowedActions(INTAKE_ACTIONS, (action) => intakeRefusal(action, state));
}

/** Why the action is refused; undefined when it is not. */
function intakeRefusal(
  action: IntakeAction,
  { paused, by, at }: IntakeState,
): { readonly why: string } | undefined {
  if (action === 'pause') return paused ? { why: `${by ?? ''} has paused intake at ${at ?? ''}` } : undefined;
  if (paused) return undefined;
  return { why: at === null ? 'intake was never paused' : `${by ?? ''} has resumed intake at ${at}` };
}

/** Pauses or resumes intake. Of two at once one wins, and the other is told who. */
export async function changeIntake(
  { intake, audit, clock }: IntakePorts,
  { scope, action, operator, reason }: IntakeRequest,
): Promise<IntakeChanged> {
  for (let conflicts = 0; ; conflicts++) {
    const { state, etag } = await intake.read(scope);
    const refusal = intakeRefusal(action, state);
    if (refusal !== undefined) return { kind: 'refused', ...refusal, state };
    const at = toIso(clock.nowMs());
    const next: IntakeState = { paused: action === 'pause', by: operator, at, reason };
    await audit.record(scope, {
      ...{ id: `${action}:${at}:${conflicts}:${operator}`, subject: `intake:${scope.tenantId}` },
      ...{ at, actor: operator, action: `${action} intake`, reason },
      ...{ before: state.paused ? 'paused' : 'open', after: next.paused ? 'paused' : 'open' },
    });
    if (await intake.write(scope, next, etag)) return { kind: 'changed', state: next };
    if (conflicts >= MAX_CONFLICTS)
      return { kind: 'refused', why: 'others change it at the same time', state };
  }
}

/** intake.I1. */
export function createIntakeGate(intake: IntakeStore, clock: Clock): IntakeGate {
  const seen = new Map<string, { readonly atMs: number; readonly paused: Promise<boolean> }>();
  return {
    isPaused(scope) {
      const nowMs = clock.nowMs();
      const known = seen.get(scope.tenantId);
      if (known !== undefined && Math.abs(nowMs - known.atMs) < SEEN_WITHIN_MS) return known.paused;
      // An order that cannot be stored is refused by the store itself.
      const paused = intake.read(scope).then(
        ({ state }) => state.paused,
        () => known?.paused ?? false,
      );
      seen.set(scope.tenantId, { atMs: nowMs, paused });
      return paused;
    },
  };
}
