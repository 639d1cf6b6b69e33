// End of an order in a form in which two orders can be compared, and whether what is stored agrees with what was done.
import { poll } from '../../local/demo/system-client';
import { fold, headOf, type OrderHead } from '../../src/domain/order';
import { transactionIds } from '../../src/domain/payments';
import type { CrashSystem, Effect, InstanceStatus } from './system';
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

/** Waits until an order and its orchestration have ended; one that an operator must end has its intervention. */
export async function endOf(system: CrashSystem, orderId: string): Promise<Ended> {
  await poll(
    async () => {
      const order = (await system.store.read(DEFAULT_TENANT, orderId))?.order;
      const isOperators = order?.saga.needsIntervention === true;
      return order?.ended === true || (isOperators && isOver(await system.instance(orderId)));
    },
    (isEnded) => isEnded,
    END_WITHIN_MS,
  );
  const instance = await poll(
    () => system.instance(orderId),
    (found) => found === undefined || isOver(found),
    END_WITHIN_MS,
  );
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
      saga: comparable(order, effects),
    },
  };
}

const isOver = (instance: InstanceStatus | undefined): boolean =>
  instance !== undefined && !['Running', 'Pending'].includes(instance.runtimeStatus);

function comparable({ saga, trackingId, payments }: OrderHead, effects: readonly Effect[]): unknown {
  const { attempts, lastErrors, interventions = [], ...state } = saga;
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
    reservationId: effectOf(saga.reservationId),
    transactionIds: transactionIds(payments).map(effectOf),
    trackingId: [effectOf(trackingId), effectOf(saga.trackingId)],
    compensations: saga.compensations.map(({ step, undoes, outcome }) => ({ step, undoes, outcome })),
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

/** Of an order that is completed. */
export const ALL_EFFECTS = ['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed'];

/** What is wrong with an order's effects; undefined when it has all of them, each once, or every one undone, each once. */
export function imbalance({ order }: Ended, effects: readonly Effect[]): string | undefined {
  const names = effects.map(({ effect }) => effect);
  const done = names.filter((name) => !(name in UNDOES));
  const undone = names.filter((name) => name in UNDOES).map((name) => UNDOES[name] ?? name);
  const expected =
    order.status === 'completed' ? [ALL_EFFECTS, []] : [[...new Set(done)], [...done].reverse()];
  const isRight = JSON.stringify([done, undone]) === JSON.stringify(expected);
  return isRight ? undefined : `order ${order.orderId} is ${order.status} with ${names.join(', ')}`;
}
