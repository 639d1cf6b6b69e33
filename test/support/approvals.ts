// Orders above the limit, for tests: settings that ask a person, and the answers.
import {
  answerApproval,
  type AnswerApproval,
  type AnswerApprovalPorts,
  type ApprovalAnswered,
} from '../../src/commands/answer-approval';
import type { ApprovalSettings } from '../../src/commands/approval-terms';
import { SCOPE } from './orders';

export const APPROVAL_MS = 24 * 60 * 60_000;

/** Below the total of the order that tests place. */
export const ABOVE_LIMIT: ApprovalSettings = {
  limitsMinor: { USD: 10_000 },
  timeoutMs: APPROVAL_MS,
  whenUnanswered: 'reject',
};

export const APPROVE: AnswerApproval['answer'] = { kind: 'approve', reason: null };
export const REJECT: AnswerApproval['answer'] = { kind: 'reject', reason: 'too much' };

export const answerAs = (
  ports: AnswerApprovalPorts,
  orderId: string,
  answeredBy: string,
  answer: AnswerApproval['answer'],
): Promise<ApprovalAnswered> => answerApproval(ports, { scope: SCOPE, orderId, answeredBy, answer });
