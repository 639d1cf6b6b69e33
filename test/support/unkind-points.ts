// Where a host can die and what then comes back first: the points of the unkind tests.
import type { Fault, Operation } from './fake-services';

/** What happens to an order besides deaths: the first calls of these operations misbehave. */
export const UNKIND_SCENARIOS: Readonly<Record<string, Partial<Record<Operation, Fault[]>>>> = {
  completed: {},
  'card-declined': { charge: ['refuse'] },
  'carrier-refuses': { ship: ['refuse'] },
  'payment-answer-lost': { charge: ['loseAnswer'] },
  'payment-tried-again': { charge: ['error'] },
  'shipped-late': { ship: ['error'] },
  'confirmed-late': { confirm: ['error'] },
  'refund-tried-again': { ship: ['refuse'], refund: ['down'] },
};

/** Which of the messages that the dead host left come back first. */
export type Return =
  /** Each when its visibility ends. */
  | { readonly kind: 'asTheyCome' }
  /** All at once, in one batch. */
  | { readonly kind: 'together' }
  /** This one at once, the others when their visibility ends. */
  | { readonly kind: 'first' | 'last'; readonly message: number };

/** When the customer cancels: never, before the next host has seen any message, or when it has seen the first. */
export const CANCELS = ['never', 'beforeFirst', 'afterFirst'] as const;
export type Cancel = (typeof CANCELS)[number];

export interface Point {
  readonly scenario: string;
  /** The moment of the first host's life at which it ends, from 1; 0 for never. */
  readonly death: number;
  readonly returns: Return;
  readonly cancel: Cancel;
}

export const describePoint = ({ scenario, death, returns, cancel }: Point): string =>
  `${scenario}, death ${death}, ${returns.kind}${'message' in returns ? ` ${returns.message}` : ''}, cancel ${cancel}`;

/** The returns that differ when the dead host left so many messages. */
export function returnsOf(messages: number): Return[] {
  const each = Array.from({ length: messages }, (_, message) => message);
  return [
    { kind: 'asTheyCome' },
    ...(messages < 2
      ? []
      : [
          { kind: 'together' } as const,
          ...each.map((message) => ({ kind: 'first', message }) as const),
          ...each.map((message) => ({ kind: 'last', message }) as const),
        ]),
  ];
}
