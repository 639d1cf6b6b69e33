// Rules of the approval of an order by a person (S15): what is known of it (ApprovalState), the facts that an answer is told
// by, and when each of them may follow. Approve, reject and time-out compete for one append; the first in the stream counts. Pure.
import type {
  ApprovalRejected,
  ApprovalRequested,
  ApprovalTerms,
  OrderApproved,
  OrderFact,
} from './order-events';

/** The step that waits for the answer. It has no effect outside, so there is nothing to take back. */
export const APPROVAL_STEP = 'ApproveOrder';

/** Who answers when no person has done so in time. */
export const TIMEOUT_ANSWERS = 'timeout';

export interface ApprovalAnswer {
  readonly kind: 'approved' | 'rejected';
  readonly by: string;
  readonly at: string;
  readonly reason: string | null;
}

/** An approval that was asked for. */
export interface ApprovalState {
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly limitMinor: number;
  /** The entry that comes next once the order is approved. */
  readonly nextStep: string | null;
  readonly answer: ApprovalAnswer | null;
}

/** What of an order says how its approval stands. */
export interface Approvable {
  readonly approval?: ApprovalTerms | undefined;
  readonly cancelRequestedAt: string | null;
  readonly saga: { readonly approval?: ApprovalState | undefined };
}

type ApprovalFact = OrderFact & { readonly type: 'ApprovalRequested' | 'OrderApproved' | 'ApprovalRejected' };

/** The state after a question. */
export function asked(
  { limitMinor, expiresAt, nextStep }: ApprovalRequested,
  requestedAt: string,
): ApprovalState {
  return { requestedAt, expiresAt, limitMinor, nextStep, answer: null };
}

/** The state after an answer. */
export function answered(
  state: ApprovalState | undefined,
  { kind, by, reason }: Omit<ApprovalAnswer, 'at'>,
  at: string,
): ApprovalState | undefined {
  return state === undefined ? undefined : { ...state, answer: { kind, by, at, reason } };
}

/** Whether the order needs an approval that it does not have: then it is neither shipped nor handed over. */
export function lacksApproval({ approval, saga }: Approvable): boolean {
  return approval?.required === true && saga.approval?.answer?.kind !== 'approved';
}

/** Whether a rejection is why the order goes back: it ends cancelled although no cancel was requested. */
export function isRejected({ saga }: Pick<Approvable, 'saga'>): boolean {
  return saga.approval?.answer?.kind === 'rejected';
}

/** Why a fact of the approval may not follow, or undefined when it may. */
export function approvalRefusal(order: Approvable, fact: ApprovalFact): string | undefined {
  const { approval: terms, cancelRequestedAt, saga } = order;
  if (cancelRequestedAt !== null) return 'cancel was requested before';
  if (fact.type === 'OrderApproved' && fact.data.automatic)
    return terms?.required === true ? 'a person has to approve the order' : undefined;
  if (fact.type === 'ApprovalRequested') {
    if (terms?.required !== true) return 'the order needs no approval';
    return saga.approval === undefined ? undefined : 'approval was asked for before';
  }
  if (saga.approval === undefined) return 'approval was not asked for';
  const { answer } = saga.approval;
  return answer === null ? undefined : `the order was ${answer.kind} by ${answer.by} before`;
}

export interface Approval {
  readonly by: string;
  readonly reason: string | null;
}

/** The fact that tells of an approval. */
export function approvalOf(order: Approvable, { by, reason }: Approval): OrderFact {
  const nextStep = order.saga.approval?.nextStep ?? null;
  const data: OrderApproved = { ...RECORD, nextStep, automatic: false, answeredBy: by, reason };
  return { type: 'OrderApproved', data };
}

export interface Rejection {
  readonly by: string;
  readonly code: 'APPROVAL_REJECTED' | 'APPROVAL_TIMED_OUT';
  readonly detailCode: string;
  readonly reason: string;
}

/**
 * The facts that tell of a rejection. It turns the order back in the same append (S23): whatever carries the order on reads
 * from the stream alone that it is undone.
 */
export function rejectionOf({ by, code, detailCode, reason }: Rejection): readonly OrderFact[] {
  const data: ApprovalRejected = { ...RECORD, code, detailCode, reason, answeredBy: by };
  return [
    { type: 'ApprovalRejected', data },
    { type: 'CompensationStarted', data: { kind: 'cancelled', code, detailCode, reason } },
  ];
}

/** Asking is one call, which cannot fail in part. */
const RECORD = { step: APPROVAL_STEP, attempts: 1, lastError: null } as const;
