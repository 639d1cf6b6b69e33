// Where a crash may change how an order ends, or the order of its events, and why: the whole list. What is not in it must
// be as without the crash.
import { imbalance, type Ended } from './crash-end';
import type { Victim } from './crash-points';
import type { Scenario } from './crash-scenarios';
import type { Effect } from './crash-system';
import type { EventEnvelope } from '../../src/events/envelope';

/** An order after a crash. */
export interface EndedOtherwise {
  readonly ended: Ended;
  readonly stream: readonly EventEnvelope[];
  readonly effects: readonly Effect[];
  readonly victim: Victim;
  readonly scenario: Scenario;
  /** What the customer's cancel was answered with, if it was. */
  readonly cancelAnswer: number | undefined;
}

export interface PermittedEnd {
  readonly says: string;
  readonly because: string;
  /** Whether the order shows the cause; nothing is permitted without it. */
  readonly isThis: (order: EndedOtherwise) => boolean;
  /** What is wrong with it all the same. */
  readonly wrong: (order: EndedOtherwise) => string | undefined;
}

const STEP_FAILED = ['StockReservationFailed', 'PaymentFailed', 'ShipmentFailed'];

/** Whether a step or compensation of one of these events was given up because nobody could say what had come of it. */
const isUnknown = (stream: readonly EventEnvelope[], types: readonly string[]): boolean =>
  stream.some(
    ({ type, data }) =>
      types.includes(type) &&
      'lastError' in data &&
      ['CONNECTION_LOST', 'NO_ANSWER'].includes((data.lastError as { code?: string } | null)?.code ?? ''),
  );

/** What each step does, and what undoes it. */
const STEPS = [
  { step: 'ReserveInventory', does: 'stockReserved', undo: 'stockReleased' },
  { step: 'ProcessPayment', does: 'charged', undo: 'refunded' },
  { step: 'CreateShipment', does: 'shipmentCreated', undo: 'shipmentCancelled' },
];

/** Whether everything is undone once, but for what an operator has been asked to settle. */
function notUndone({ ended, stream, effects }: EndedOtherwise): string | undefined {
  const { status, saga } = ended.order;
  const names = effects.map(({ effect }) => effect);
  const given = stream.flatMap(({ type, data }) => (type === 'CompensationFailed' ? [data.undoes] : []));
  const left = STEPS.filter(({ step, does, undo }) => {
    const isOpen = given.includes(step) && saga.needsIntervention;
    return names.includes(does) && !names.includes(undo) && !isOpen;
  });
  const isTwice = new Set(names).size < names.length;
  if (left.length === 0 && !isTwice && (status === 'failed' || status === 'cancelled')) return undefined;
  return `it is ${status} with ${names.join(', ')}`;
}

export const PERMITTED_ENDS: readonly PermittedEnd[] = [
  {
    says: 'an intervention for a compensation whose outcome is unknown',
    because:
      'S3, S4: the service died while it was undoing, nobody could be asked, and one attempt is what a compensation has; the others go on',
    isThis: ({ victim, stream }) => victim === 'platform' && isUnknown(stream, ['CompensationFailed']),
    wrong: notUndone,
  },
  {
    says: 'failed, or cancelled, with everything undone',
    because:
      'S3: the service died with a call before the pivot in flight and the look-up found nobody, so the step may have acted and is undone',
    isThis: ({ victim, stream }) => victim === 'platform' && isUnknown(stream, STEP_FAILED),
    wrong: notUndone,
  },
  {
    says: 'as without the crash, with one undo of nothing',
    because:
      'S1: a step that was called while the service was away counts as possibly done, also when a later call is refused; undoing it has no effect',
    isThis: ({ victim, stream }) =>
      victim === 'platform' &&
      stream.some(({ type, data }) => STEP_FAILED.includes(type) && 'attempts' in data && data.attempts > 1),
    wrong: notUndone,
  },
  {
    says: 'cancelled at another step, with everything undone',
    because:
      'S7: the crash kept the customer from cancelling, or the step from ending, at the moment of the recording',
    isThis: ({ scenario, ended }) => scenario.cancel !== null && ended.order.status === 'cancelled',
    wrong: notUndone,
  },
  {
    says: 'completed, because the cancel came too late after the restart and was answered with 409',
    because: 'S7: after the pivot a cancel is refused, and one that was refused changes nothing',
    isThis: ({ scenario, cancelAnswer }) => scenario.cancel !== null && cancelAnswer === 409,
    wrong: ({ ended, effects }) =>
      ended.order.status === 'completed' ? imbalance(ended, effects) : `it is ${ended.order.status}`,
  },
  {
    says: 'out of time at an earlier step, with everything undone',
    because: 'S8: the working time goes on while a process is away',
    isThis: ({ scenario, ended }) => scenario.shortOfTime && ended.order.failureCode === 'SAGA_TIMED_OUT',
    wrong: notUndone,
  },
];
