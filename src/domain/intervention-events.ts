// Types of the events by which operators act on an order and its interventions. Each says who acted, why, and what was before
// and after (S18).

export const OPERATOR_ACTIONS = [
  'claim',
  'release',
  'retry',
  'suspend',
  'resume',
  'compensate',
  'repair',
] as const;
export type OperatorAction = (typeof OPERATOR_ACTIONS)[number];

/** What an operator did, where no other event of the order says it. */
export interface OperatorActed {
  readonly action: OperatorAction;
  /** The intervention that it was about; null for an act on the order itself. */
  readonly intervention: number | null;
  readonly by: string;
  readonly reason: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** How an intervention came to its end: what failed was undone after all, the order or return ended, or by an operator's word. */
export const RESOLUTIONS = ['undone', 'ended', 'note'] as const;
export type ResolutionKind = (typeof RESOLUTIONS)[number];

export interface InterventionResolved {
  readonly intervention: number;
  readonly how: ResolutionKind;
  readonly by: string;
  /** What the operator says of it; null where nobody had to say anything. */
  readonly note: string | null;
  /** How many interventions of the order are open after this. */
  readonly stillOpen: number;
  /** The return that it was about, where no other intervention of that return is open. */
  readonly returnNumber?: number | undefined;
}

export interface InterventionEventData {
  OperatorActed: OperatorActed;
  InterventionResolved: InterventionResolved;
}
