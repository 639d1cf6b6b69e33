// The caller as the API tells them of themselves. Pure.

export interface CallerView {
  readonly name: string;
  readonly kind: 'user' | 'service';
  readonly tenantId: string;
  readonly roles: readonly string[];
  /** Null for whoever is no customer. */
  readonly customerId: string | null;
  /** Whether this system has simulated services that the console's playground can break. */
  readonly hasPlayground: boolean;
}
