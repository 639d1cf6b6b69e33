// Part of the registry of codes: what operators are answered about sagas, interventions, repairs, the intake of orders and the playground.

export const OPERATOR_CODES = {
  SAGA_WRONG_STATUS: {
    status: 409,
    retryable: false,
    meaning: 'The saga has ended, or is in a status in which this makes no sense',
    remedy:
      'Look at `GET /api/orders/{id}/saga`: only a running saga is suspended, only a suspended one resumed',
  },
  SAGA_CHOREOGRAPHED: {
    status: 409,
    retryable: false,
    meaning:
      'The order began while `OrderProcessing:SagaMode` was `choreography`: no instance of its saga is there to be controlled',
    remedy:
      'Cancel the order (`POST /api/orders/{id}/cancel`), or hold back the messages of all orders (docs/choreography.md)',
  },
  CANNOT_COMPENSATE: {
    status: 409,
    retryable: false,
    meaning: 'The order is shipped or completed, or its saga still carries it on',
    remedy:
      'Cancel an order whose saga runs (`POST /api/orders/{id}/cancel`); `detail` says what stands in the way',
  },
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
  SIMULATORS_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'The simulated services do not answer, or cannot do what was asked',
    remedy: 'Ask again after `Retry-After` seconds; only a system of `npm start` can end its own processes',
  },
} as const;
