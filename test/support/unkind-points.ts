// Points of the unkind tests: where a host can die, and what then comes back first.
import { draw } from 'azure-local/kit/mulberry32';
import type { OrderRequest } from '../../src/commands/order-request';
import type { ReturnItem } from '../../src/commands/request-return';
import type { InspectedLine } from '../../src/domain/return-events';
import type { CouponFailurePolicy } from '../../src/domain/order-events';
import type { Fault, Operation } from './fake-services';
import { digitalRequest, inThreeParts, withCoupon } from './orders';

export interface UnkindScenario {
  /** The first calls of these operations misbehave. */
  readonly faults: Partial<Record<Operation, Fault[]>>;
  readonly request?: Partial<OrderRequest>;
  readonly couponFailurePolicy?: CouponFailurePolicy;
  readonly people?: People;
}

/** What people do with the order, as soon as they are asked. */
export interface People {
  /** The order is above the limit; `nobody` lets the time run out. */
  readonly approval?: 'approve' | 'reject' | 'nobody';
  /** Part of it is returned once it is completed. */
  readonly brings?: readonly ReturnItem[];
  readonly accepts?: readonly InspectedLine[];
}

const RETURNS: People = {
  brings: [
    { productId: 'prod-001', quantity: 2 },
    { productId: 'prod-002', quantity: 5 },
  ],
  accepts: [
    { productId: 'prod-001', accepted: 2, damaged: 1 },
    { productId: 'prod-002', accepted: 4, damaged: 0 },
  ],
};

/** What happens to an order besides deaths. */
export const UNKIND_SCENARIOS: Readonly<Record<string, UnkindScenario>> = {
  completed: { faults: {} },
  'card-declined': { faults: { charge: ['refuse'] } },
  'carrier-refuses': { faults: { ship: ['refuse'] } },
  'payment-answer-lost': { faults: { charge: ['loseAnswer'] } },
  'payment-tried-again': { faults: { charge: ['error'] } },
  'shipped-late': { faults: { ship: ['error'] } },
  'confirmed-late': { faults: { confirm: ['error'] } },
  'refund-tried-again': { faults: { ship: ['refuse'], refund: ['down'] } },
  'coupon-and-split': { faults: { redeem: ['loseAnswer'] }, request: withCoupon },
  'coupon-split-undone': { faults: { ship: ['refuse'] }, request: withCoupon },
  'coupon-passed-over': {
    ...{ faults: { redeem: ['refuse'] }, request: withCoupon },
    couponFailurePolicy: 'continue',
  },
  'digital-completed': { faults: {}, request: digitalRequest },
  'digital-confirmation-lost': { faults: { confirm: ['loseAnswer'] }, request: digitalRequest },
  'digital-confirmation-refused': { faults: { confirm: ['refuse'] }, request: digitalRequest },
  approved: { faults: {}, people: { approval: 'approve' } },
  rejected: { faults: {}, people: { approval: 'reject' } },
  'approval-timed-out': { faults: {}, people: { approval: 'nobody' } },
  'returned-partly-damaged': { faults: { refundPart: ['loseAnswer'], restock: ['error'] }, people: RETURNS },
  'returned-in-parts': { faults: {}, request: inThreeParts, people: RETURNS },
};

/** Which of the messages that the dead host left come back first. */
export type Return =
  /** Each when its visibility ends. */
  | { readonly kind: 'asTheyCome' }
  /** All at once, in one batch. */
  | { readonly kind: 'together' }
  /** `first`: this one at once, the others when their visibility ends. `last`: the other way round. `doubled`: all at once, this one twice. */
  | { readonly kind: 'first' | 'last' | 'doubled'; readonly message: number };

/** When the customer cancels: never, before the next host has seen any message, or when it has seen the first. */
export const CANCELS = ['never', 'beforeFirst', 'afterFirst'] as const;
export type Cancel = (typeof CANCELS)[number];

export interface Point {
  readonly scenario: string;
  /** The moment of the first host's life at which it ends, from 1; 0 for never. */
  readonly death: number;
  readonly returns: Return;
  readonly cancel: Cancel;
  /** The moment of the second host's life at which it ends too; absent for never. */
  readonly secondDeath?: number;
}

export const describePoint = ({ scenario, death, returns, cancel, secondDeath }: Point): string =>
  `${scenario}, death ${death}, ${returns.kind}${'message' in returns ? ` ${returns.message}` : ''}, cancel ${cancel}` +
  (secondDeath === undefined ? '' : `, second death ${secondDeath}`);

/** Any point with two deaths, by seed. */
export function randomPoint(seed: number): Point {
  let state = seed;
  const upTo = (most: number): number => {
    const drawn = draw(state);
    state = drawn.state;
    return Math.floor(drawn.value * most);
  };
  const names = Object.keys(UNKIND_SCENARIOS);
  const returns = returnsOf(4);
  return {
    scenario: names[upTo(names.length)] ?? '',
    death: 1 + upTo(60),
    returns: returns[upTo(returns.length)] ?? { kind: 'asTheyCome' },
    cancel: CANCELS[upTo(CANCELS.length)] ?? 'never',
    secondDeath: 1 + upTo(60),
  };
}

/** The returns that differ when the dead host left so many messages. */
export function returnsOf(messages: number): Return[] {
  const each = Array.from({ length: messages }, (_, message) => message);
  return [
    { kind: 'asTheyCome' },
    ...each.map((message) => ({ kind: 'doubled', message }) as const),
    ...(messages < 2
      ? []
      : [
          { kind: 'together' } as const,
          ...each.map((message) => ({ kind: 'first', message }) as const),
          ...each.map((message) => ({ kind: 'last', message }) as const),
        ]),
  ];
}
