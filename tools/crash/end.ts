// End of an order in a form in which two orders can be compared, and whether what is stored agrees with what was done.
import { poll } from '../../local/demo/system-client';
import { fold, headOf, isPastPivot, type OrderHead } from '../../src/domain/order';
import { isReturnEnded, returnsOf, type ReturnState } from '../../src/domain/return-state';
import { transactionIds } from '../../src/domain/payments';
import { returnInstanceOf, type CrashSystem, type Effect, type InstanceStatus } from './system';
import { DEFAULT_TENANT } from '../../src/domain/scope';

/** The end of an order without ids, times and attempts. */
export interface End {
  readonly status: string;
  readonly runtimeStatus: string | undefined;
  readonly failureCode: string | null;
  readonly failureReason: string | null;
  readonly events: readonly string[];
  /** Effects with their amounts, in order. */
  readonly effects: readonly string[];
  readonly returns: unknown;
  /** Saga state; a reservation, transaction or tracking id is shown as the effect it is the reference of. */
  readonly saga: unknown;
}

export interface Ended {
  readonly end: End;
  readonly order: OrderHead;
  /** What the stream folds to. */
  readonly folded: OrderHead | undefined;
}

/** An order that has not ended by then is stuck: the longest wait of any is a few seconds. */
const END_WITHIN_MS = 150_000;

/**
 * Waits until an order and its orchestration have ended; one that an operator must end has its intervention. Where something
 * of it comes back if it is completed, its return is waited for as well.
 */
export async function endOf(system: CrashSystem, orderId: string, isReturned = false): Promise<Ended> {
  await poll(
    async () => {
      const order = (await system.store.read(DEFAULT_TENANT, orderId))?.order;
      const isOperators = order?.saga.needsIntervention === true;
      if (order?.ended === true) return isReturned ? areReturnsEnded(order) : true;
      if (!isOperators) return false;
      // Of a choreographed order there is no instance: it stands where it cannot go back.
      return order.sagaMode === 'choreography' ? isPastPivot(order) : isOver(await system.instance(orderId));
    },
    (isEnded) => isEnded,
    END_WITHIN_MS,
  );
  const instance = await overInstance(system, orderId);
  const ofReturn = await overInstance(system, returnInstanceOf(orderId));
  const stored = await system.store.read(DEFAULT_TENANT, orderId);
  if (stored === undefined) throw new Error(`order ${orderId} is gone`);
  const events = await system.store.eventsAfter(DEFAULT_TENANT, orderId, 0);
  const effects = await system.effects(orderId);
  const { order } = stored;
  const folded = fold(orderId, events);
  return {
    order,
    folded: folded && headOf(folded),
    end: {
      status: order.status,
      runtimeStatus: instance?.runtimeStatus,
      failureCode: order.failureCode,
      failureReason: order.failureReason?.replace(/\d+ ms/, '… ms') ?? null,
      events: events.map(({ type }) => type),
      effects: effects.map(({ effect, amount }) => (amount === undefined ? effect : `${effect} ${amount}`)),
      returns: returnsOf(order).map((one) => ({
        ...comparableReturn(one),
        runtimeStatus: ofReturn?.runtimeStatus,
      })),
      saga: comparable(order, effects),
    },
  };
}

const isOver = (instance: InstanceStatus | undefined): boolean =>
  instance !== undefined && !['Running', 'Pending'].includes(instance.runtimeStatus);

const overInstance = (system: CrashSystem, id: string): Promise<InstanceStatus | undefined> =>
  poll(
    () => system.instance(id),
    (found) => found === undefined || isOver(found),
    END_WITHIN_MS,
  );

/** An order that was not completed has none. */
const areReturnsEnded = (order: OrderHead): boolean =>
  order.status !== 'completed' || (returnsOf(order).length > 0 && returnsOf(order).every(isReturnEnded));

function comparable({ saga, trackingId, payments }: OrderHead, effects: readonly Effect[]): unknown {
  const { attempts, lastErrors, interventions = [], approval, ...state } = saga;
  const effectOf = (id: string | null): string | null =>
    id === null ? null : (effects.find(({ reference }) => reference === id)?.effect ?? `nobody's ${id}`);
  return {
    ...state,
    interventions: interventions.map(({ kind, undoes, code, detailCode }) => ({
      kind,
      undoes,
      code,
      detailCode,
    })),
    approval: approval && {
      ...{ nextStep: approval.nextStep, limitMinor: approval.limitMinor },
      answer: approval.answer && { kind: approval.answer.kind, by: approval.answer.by },
    },
    reservationId: effectOf(saga.reservationId),
    transactionIds: transactionIds(payments).map(effectOf),
    trackingId: [effectOf(trackingId), effectOf(saga.trackingId)],
    compensations: saga.compensations.map(({ step, undoes, outcome }) => ({ step, undoes, outcome })),
  };
}

function comparableReturn(one: ReturnState): object {
  const { number, status, lines, amountMinor, refunds, rejection, saga } = one;
  const { completedSteps, needsIntervention } = saga;
  return {
    ...{ number, status, lines, amountMinor, rejection, completedSteps, needsIntervention },
    refunds: refunds.map(({ refundId, ...part }) => ({ ...part, isGivenBack: refundId !== null })),
  };
}

const UNDOES: Readonly<Record<string, string>> = {
  stockReleased: 'stockReserved',
  couponCancelled: 'couponRedeemed',
  refunded: 'charged',
  shipmentCancelled: 'shipmentCreated',
};
/** What an order did outside, by name. */
export const effectNames = ({ effects }: End): readonly string[] =>
  effects.map((effect) => effect.split(' ')[0] ?? effect);

/** Whether an effect is one of a return, whose keys say so. */
export const isOfReturn = ({ key }: Pick<Effect, 'key'>): boolean => key.includes(':return:');

/** Of an order that is completed. */
export const ALL_EFFECTS = ['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed'];

/**
 * What is wrong with an order's effects; undefined when it has all of them, each once, or every one undone, each once. What
 * its returns did comes besides, and is theirs alone (account-returns.ts).
 */
export function imbalance({ order }: Ended, all: readonly Effect[]): string | undefined {
  const effects = all.filter((effect) => !isOfReturn(effect));
  const names = effects.map(({ effect }) => effect);
  const done = names.filter((name) => !(name in UNDOES));
  const undone = names.filter((name) => name in UNDOES).map((name) => UNDOES[name] ?? name);
  const expected =
    order.status === 'completed' ? [ALL_EFFECTS, []] : [[...new Set(done)], [...done].reverse()];
  const isRight = JSON.stringify([done, undone]) === JSON.stringify(expected);
  return isRight ? undefined : `order ${order.orderId} is ${order.status} with ${names.join(', ')}`;
}
