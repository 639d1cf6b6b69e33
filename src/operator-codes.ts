// Part of the registry of codes: what operators are answered about interventions, repairs and the intake of orders.

export const OPERATOR_CODES = {
  COMPENSATION_FAILED: {
    status: null,
    retryable: false,
    meaning: 'Something that was done for the order could not be undone: an intervention is open',
    remedy: 'An operator tries it again, or resolves it with a note (docs/operations.md)',
  },
  CANNOT_REPAIR: {
    status: 409,
    retryable: false,
    meaning: 'The order has ended, or waits for the decision of a person',
    remedy: 'See the interventions of the order; `detail` says how it stands',
  },
  INTERVENTION_CLAIMED: {
    status: 409,
    retryable: false,
    meaning: 'Another operator has taken the intervention on, a moment ago or before',
    remedy: '`detail` names who and since when; ask them, or release it with a reason and claim it',
  },
  INTERVENTION_CLOSED: {
    status: 409,
    retryable: false,
    meaning: 'The intervention is resolved',
    remedy: '`detail` says who resolved it, when and how',
  },
  INTERVENTION_WRONG_KIND: {
    status: 409,
    retryable: false,
    meaning: 'The intervention is not of a kind that can be settled so, or not as its order stands',
    remedy: '`detail` says what stands in the way; `allowedActions` says what is allowed instead',
  },
  INTAKE_WRONG_STATE: {
    status: 409,
    retryable: false,
    meaning: 'Intake is paused already, or is not paused',
    remedy: '`detail` says who changed it, and when',
  },
} as const;
