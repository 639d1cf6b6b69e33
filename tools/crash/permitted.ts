// Table of where a crash may change how an order ends, or the order of its events, with the reason for each.
// Everything else must be as without the crash. Each end is tied to where the order stood at the kill; what must hold
// of every end is in account.ts.
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { isRejection, type Account, type Seen } from './account';
import type { Victim } from './points';
import type { Scenario } from './scenarios';

/** An order after a crash. */
export interface EndedOtherwise extends Account {
  readonly before: Seen;
  readonly victim: Victim;
  readonly scenario: Scenario;
}

export interface PermittedEnd {
  readonly says: string;
  readonly because: string;
  /** Whether the order shows the cause, and ended as that cause makes it end. */
  readonly isThis: (order: EndedOtherwise) => boolean;
}

const STEP_FAILED = ['StockReservationFailed', 'CouponRejected', 'PaymentFailed', 'ShipmentFailed'];
/** Events that tell of no call. */
const NO_OUTCOME = [
  ...['OrderCreated', 'SagaStarted', 'CancelRequested', 'CompensationStarted'],
  ...['ApprovalRequested', 'ApprovalRejected'],
];
const UNKNOWN = ['CONNECTION_LOST', 'NO_ANSWER'];

/** How the first call was recorded that was under way at the kill, or was made next: a kill cuts off no later one. */
function cutOff({ stream, before }: EndedOtherwise): EventEnvelope | undefined {
  return stream.slice(before.stream.length).find(({ type }) => !NO_OUTCOME.includes(type));
}

const lastErrorOf = (event: EventEnvelope | undefined): string =>
  (event !== undefined && 'lastError' in event.data && event.data.lastError?.code) || '';

const isOneOf = (event: EventEnvelope | undefined, types: readonly string[]): boolean =>
  event !== undefined && types.includes(event.type);

const had = ({ stream }: Seen, type: string): boolean => stream.some((event) => event.type === type);

/** How it ends when neither a cancel was promised nor a person rejected it. */
const failedOrCancelled = (order: EndedOtherwise): boolean =>
  order.order.status ===
  (had(order, 'CancelRequested') || order.stream.some(isRejection) ? 'cancelled' : 'failed');

/** What an order has on record before the call at which its customer cancels. */
const BEFORE_CALL: Readonly<Record<string, string>> = {
  reserve: 'SagaStarted',
  charge: 'StockReserved',
  ship: 'PaymentProcessed',
};

/** Whether there is a cancel, and not before its customer sends it: at the call that it waits for, or later. */
function isCancelInTime({ stream, scenario: { cancel } }: EndedOtherwise): boolean {
  const before = stream.slice(
    0,
    Math.max(
      0,
      stream.findIndex(({ type }) => type === 'CancelRequested'),
    ),
  );
  if (cancel === null || before.length === 0) return false;
  return (
    cancel.when === 'taken' || before.some((event) => isOneOf(event, [BEFORE_CALL[cancel.operation] ?? '']))
  );
}

export const PERMITTED_ENDS: readonly PermittedEnd[] = [
  {
    says: 'an intervention for a compensation whose outcome is unknown',
    because:
      'S3, S4: the service died while it was undoing, it could not be asked, and one attempt is what a compensation has; the others go on',
    isThis: (order) =>
      order.victim === 'platform' &&
      isOneOf(cutOff(order), ['CompensationFailed']) &&
      UNKNOWN.includes(lastErrorOf(cutOff(order))) &&
      failedOrCancelled(order),
  },
  {
    says: 'failed, or cancelled, with everything undone',
    because:
      'S3: the service died with a call before the pivot in flight and the look-up got no answer, so the step may have acted and is undone',
    isThis: (order) =>
      order.victim === 'platform' &&
      isOneOf(cutOff(order), STEP_FAILED) &&
      UNKNOWN.includes(lastErrorOf(cutOff(order))) &&
      failedOrCancelled(order),
  },
  {
    says: 'as without the crash, with one closing of a key',
    because:
      'S1: a step that was called while the service was away counts as possibly done, also when a later call is refused; closing its key has no effect',
    isThis: (order) => {
      const failed = cutOff(order);
      const isRepeated = failed !== undefined && 'attempts' in failed.data && failed.data.attempts > 1;
      return (
        order.victim === 'platform' &&
        isOneOf(failed, STEP_FAILED) &&
        isRepeated &&
        order.order.status === order.scenario.status &&
        order.effects.map(({ effect }) => effect).join() === order.scenario.effects.join()
      );
    },
  },
  {
    says: 'cancelled at a later moment, with everything undone',
    because:
      'S7: the crash kept the customer from cancelling, or the step from ending, at the moment of the recording; a cancel lets the step that is under way end and no more',
    isThis: (order) => order.order.status === 'cancelled' && isCancelInTime(order),
  },
  {
    says: 'completed, because the cancel came too late after the restart and was answered with 409',
    because: 'S7: after the pivot a cancel is refused, and one that was refused changes nothing',
    isThis: ({ scenario, cancelAnswer, order, before }) =>
      scenario.cancel !== null &&
      cancelAnswer === 409 &&
      order.status === 'completed' &&
      !had(before, 'CancelRequested'),
  },
  {
    says: 'out of time at an earlier step, with everything undone',
    because: 'S8: the host lived and worked on, waiting between attempts, while the services were away',
    isThis: ({ victim, scenario, order, before }) =>
      victim === 'platform' &&
      scenario.shortOfTime &&
      order.failureCode === 'SAGA_TIMED_OUT' &&
      order.status === 'failed' &&
      !had(before, 'ShipmentCreated'),
  },
];
