// Record of what operators do that touches no order's stream: who, when, why, and what was there before and after.
import type { TenantScope } from '../domain/scope';

export interface OperatorAct {
  /** Names the act: recording one again changes nothing. */
  readonly id: string;
  /** What it was done to: the acts on one thing are a stream. */
  readonly subject: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly reason: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface Audit {
  record(scope: TenantScope, act: OperatorAct): Promise<void>;
  /** The acts of a tenant, newest first; at most `limit`. */
  list(scope: TenantScope, limit: number): Promise<readonly OperatorAct[]>;
}
