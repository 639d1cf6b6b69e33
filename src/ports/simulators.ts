// Port of the simulated downstream services, where the system has them: what they have effected, and how they are broken.

export const FAULTS = ['refuse', 'error', 'hang', 'loseAnswer', 'slow', 'down'] as const;
export const FAULTY_SERVICES = ['inventory', 'promotions', 'payments', 'shipping', 'notifications'] as const;
/** What can be ended at once, as by a power cut. */
export const ENDED = ['host', 'platform', 'all'] as const;
export type Ended = (typeof ENDED)[number];

/** A rule of the fault plan. */
export interface PlannedFault {
  readonly service: (typeof FAULTY_SERVICES)[number];
  readonly operation?: string | undefined;
  readonly customerId?: string | undefined;
  readonly fault: (typeof FAULTS)[number];
  readonly times?: number | undefined;
  readonly delayMs?: number | undefined;
}

/** One effect of a service, in order. */
export interface Effected {
  readonly seq: number;
  readonly at: string;
  readonly service: string;
  readonly effect: string;
  readonly orderId: string;
  /** Minor units, where the effect is about money. */
  readonly amount?: number | undefined;
  readonly currency?: string | undefined;
  readonly quantity?: number | undefined;
}

/** Undefined: they do not answer, or refuse. */
export interface Simulators {
  effects(afterSeq: number, limit: number): Promise<readonly Effected[] | undefined>;
  faults(): Promise<readonly PlannedFault[] | undefined>;
  planFaults(faults: readonly PlannedFault[]): Promise<readonly PlannedFault[] | undefined>;
  /** Whether the kill is under way; what was killed is started again by whatever supervises it, if anything does. */
  kill(what: Ended): Promise<true | undefined>;
}
