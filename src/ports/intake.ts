// Whether the intake of a tenant's orders is paused.
import type { TenantScope } from '../domain/scope';

/** `paused` and, once anybody has paused or resumed it, who did so last, when and why. */
export interface IntakeState {
  readonly paused: boolean;
  readonly by: string | null;
  readonly at: string | null;
  readonly reason: string | null;
}

export interface IntakeStore {
  /** Without an etag where it was never paused. */
  read(scope: TenantScope): Promise<{ readonly state: IntakeState; readonly etag: string | undefined }>;
  /** False, and nothing is written, when the state has changed since `etag`. */
  write(scope: TenantScope, state: IntakeState, etag: string | undefined): Promise<boolean>;
}

/** What asks before an order is taken. */
export interface IntakeGate {
  /** At most a few seconds behind the store. Never rejects: where the store is away, as it was last seen. */
  isPaused(scope: TenantScope): Promise<boolean>;
}
