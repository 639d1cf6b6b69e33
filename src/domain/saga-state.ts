// Reducer for the saga's part of an order: which steps are done or undone, under which ids, after how many attempts.
//
// saga-state.E1  Steps are told by entry (S14): `ProcessPayment` or, where a step is taken once per entry of a list,
//   `ProcessPayment:2`. That goes for every `step`, `undoes` and `nextStep` of an event and for all names and keys below.
import { answered, asked, type ApprovalState } from './approval';
import { evolveInterventions, type Interventions } from './interventions';
import type { Failure, OrderEvent, StepRecord, Undone } from './order-events';
import type { StepError } from './outcome';

/** One compensation that was tried, by entry: `RefundPayment:2` undoes `ProcessPayment:2`. */
export interface CompensationRecord {
  readonly step: string;
  readonly undoes: string;
  readonly at: string;
  readonly attempts: number;
  readonly outcome: 'done' | 'failed';
  readonly error: StepError | null;
}

export interface SagaState extends Interventions {
  readonly definitionVersion: number | null;
  /** The step that is being worked on; null before the start, while compensating and after the end. */
  readonly currentStep: string | null;
  readonly completedSteps: readonly string[];
  readonly compensatedSteps: readonly string[];
  readonly failedStep: string | null;
  /** Why the saga went back: what CompensationStarted says. Null as long as it goes forward. */
  readonly failure: Failure | null;
  readonly reservationId: string | null;
  readonly trackingId: string | null;
  /** By entry, of compensations too: as its last outcome says. */
  readonly attempts: Readonly<Record<string, number>>;
  /** By entry; an entry that never failed has none. */
  readonly lastErrors: Readonly<Record<string, StepError>>;
  readonly compensations: readonly CompensationRecord[];
  readonly needsIntervention: boolean;
  /** Left out as long as nobody was asked to approve the order. */
  readonly approval?: ApprovalState | undefined;
}

export const initialSagaState: SagaState = {
  definitionVersion: null,
  currentStep: null,
  completedSteps: [],
  compensatedSteps: [],
  failedStep: null,
  failure: null,
  reservationId: null,
  trackingId: null,
  attempts: {},
  lastErrors: {},
  compensations: [],
  needsIntervention: false,
};

/** A refusal that the saga goes on without, or that it fails by. */
function passedOver(
  state: SagaState,
  data: StepRecord & { readonly step: string; readonly nextStep: string | null },
): SagaState {
  const { step, nextStep } = data;
  return {
    ...attempted(state, data),
    ...(nextStep === null ? { failedStep: step } : { currentStep: nextStep }),
  };
}

/** Folds one event into the saga state. Total: an event that says nothing about the saga, or that is unknown, changes nothing. */
export function evolveSagaState(before: SagaState, event: OrderEvent): SagaState {
  const interventions = evolveInterventions(before, event);
  const state = interventions.length === 0 ? before : { ...before, interventions };
  return event.type === 'InterventionResolved'
    ? { ...state, needsIntervention: event.data.stillOpen > 0 }
    : evolveSteps(state, event);
}

/** What a step says when it is done, waits or has failed. */
type StepEvent = OrderEvent & {
  readonly type:
    | 'SagaStarted'
    | `Stock${'Reserved' | 'Confirmed' | 'ReservationFailed' | 'ConfirmationFailed'}`
    | `Coupon${'Applied' | 'Rejected'}`
    | `Payment${'Processed' | 'Failed'}`
    | 'ApprovalRequested'
    | 'OrderApproved'
    | 'ApprovalRejected'
    | `Shipment${'Created' | 'Failed'}`;
};

type OtherEvent = Exclude<OrderEvent, StepEvent | { readonly type: 'InterventionResolved' }>;

function evolveSteps(state: SagaState, event: StepEvent | OtherEvent): SagaState {
  switch (event.type) {
    case 'SagaStarted':
      return { ...state, definitionVersion: event.data.definitionVersion, currentStep: event.data.firstStep };
    case 'StockReserved':
      return { ...stepDone(state, event.data), reservationId: event.data.reservationId };
    case 'CouponRejected':
      return passedOver(state, event.data);
    case 'CouponApplied':
    case 'PaymentProcessed':
    case 'StockConfirmed':
      return stepDone(state, event.data);
    case 'ApprovalRequested':
      return { ...attempted(state, event.data), approval: asked(event.data, event.occurredAt) };
    case 'OrderApproved':
      return event.data.automatic ? state : approved(state, event);
    case 'ApprovalRejected':
      return rejected(state, event);
    case 'ShipmentCreated':
      return { ...stepDone(state, event.data), trackingId: event.data.trackingId };
    case 'StockReservationFailed':
    case 'PaymentFailed':
    case 'ShipmentFailed':
    case 'StockConfirmationFailed':
      return { ...attempted(state, event.data), failedStep: event.data.step };
    default:
      return evolveUndoing(state, event);
  }
}

/** What is undone, what a person is asked, and what says nothing of the steps. */
function evolveUndoing(state: SagaState, event: OtherEvent): SagaState {
  switch (event.type) {
    case 'CompensationStarted':
      return { ...state, currentStep: null, failure: event.data };
    case 'StockReleased':
    case 'PaymentRefunded':
    case 'CouponCancelled':
    case 'ShipmentCancelled':
      return undone(state, event.data, event.occurredAt, 'done');
    case 'CompensationFailed':
      return { ...undone(state, event.data, event.occurredAt, 'failed'), needsIntervention: true };
    case 'InterventionOpened':
      return asksOperator(state, event.data);
    case 'OrderCompleted':
    case 'OrderFailed':
    case 'OrderCancelled':
      return { ...state, currentStep: null };
    case 'OrderCreated':
    case 'SplitPaymentProcessed':
    case 'CancelRequested':
    case 'OperatorActed':
    case 'ReturnRequested':
    case 'ReturnAuthorised':
    case 'ReturnReceived':
    case 'ReturnInspected':
    case 'ReturnRefunded':
    case 'ReturnRestocked':
    case 'ReturnRejected':
    case 'ReturnClosed':
    case 'ShipmentDispatched':
    case 'OrderDelivered':
      return state;
    default:
      // Of a type that only a newer release has (S21).
      event satisfies never;
      return state;
  }
}

/** What the stream says of an entry's attempts, for an event that tells of the entry without having called it. */
export function recordOf({ attempts, lastErrors }: SagaState, entry: string): StepRecord {
  return { step: entry, attempts: attempts[entry] ?? 0, lastError: lastErrors[entry] ?? null };
}

/** What is about a return says nothing of the order's own steps (return-state.ts). */
function asksOperator(
  state: SagaState,
  data: StepRecord & { readonly returnNumber?: number | undefined },
): SagaState {
  return { ...(data.returnNumber === undefined ? attempted(state, data) : state), needsIntervention: true };
}

function attempted(state: SagaState, record: StepRecord): SagaState {
  return {
    ...state,
    attempts: { ...state.attempts, [record.step]: record.attempts },
    lastErrors:
      record.lastError === null ? state.lastErrors : { ...state.lastErrors, [record.step]: record.lastError },
  };
}

function stepDone(state: SagaState, record: StepRecord & { nextStep: string | null }): SagaState {
  return {
    ...attempted(state, record),
    completedSteps: [...state.completedSteps, record.step],
    currentStep: record.nextStep,
  };
}

function approved(state: SagaState, { data, occurredAt }: OrderEvent & { type: 'OrderApproved' }): SagaState {
  const { answeredBy, reason } = data;
  const answer = { kind: 'approved', by: answeredBy ?? '', reason } as const;
  return { ...stepDone(state, data), approval: answered(state.approval, answer, occurredAt) };
}

function rejected(
  state: SagaState,
  { data, occurredAt }: OrderEvent & { type: 'ApprovalRejected' },
): SagaState {
  const { answeredBy, reason, step } = data;
  const answer = { kind: 'rejected', by: answeredBy, reason } as const;
  return {
    ...attempted(state, data),
    failedStep: step,
    approval: answered(state.approval, answer, occurredAt),
  };
}

function undone(state: SagaState, record: Undone, at: string, outcome: 'done' | 'failed'): SagaState {
  const compensation = {
    step: record.step,
    undoes: record.undoes,
    at,
    attempts: record.attempts,
    outcome,
    error: record.lastError,
  };
  return {
    ...attempted(state, record),
    compensatedSteps:
      outcome === 'done' ? [...state.compensatedSteps, record.undoes] : state.compensatedSteps,
    compensations: [...state.compensations, compensation],
  };
}
