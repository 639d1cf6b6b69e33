// Table of what can be tried in the playground: the same lines as `npm run demo` plays. The simulated services know these
// customers and products (docs/simulators.md).
import type { PlannedFault } from '../ports/simulators';

/** What a person still does to the order, by a button. */
export type Then = 'cancel' | 'approve' | 'reject';

export interface PlaygroundScenario {
  readonly name: string;
  readonly customerId: string;
  readonly productId?: string;
  readonly kind?: 'digital';
  readonly unitPrice?: number;
  readonly pays?: {
    readonly couponCode?: string;
    readonly payments?: readonly {
      readonly method: string;
      readonly amount?: number;
      readonly token?: string;
    }[];
  };
  readonly faults?: readonly Omit<PlannedFault, 'customerId'>[];
  readonly then?: Then;
  /** Placed twice at once, under one key. */
  readonly isTwice?: true;
}

const ABOVE_LIMIT = 100_000;
const CHARGE = { service: 'payments', operation: 'charge' } as const;

export const PLAYGROUND_SCENARIOS: readonly PlaygroundScenario[] = [
  { name: 'everything works', customerId: 'demo-happy' },
  { name: 'out of stock', customerId: 'demo-stock', productId: 'oos-lamp' },
  { name: 'card declined', customerId: 'declined-demo' },
  { name: 'carrier refuses', customerId: 'noship-demo' },
  { name: 'refund fails', customerId: 'norefund-demo' },
  { name: 'payment 503 twice', customerId: 'demo-503', faults: [{ ...CHARGE, fault: 'down', times: 2 }] },
  {
    name: 'payment answer lost',
    customerId: 'demo-lost',
    faults: [{ ...CHARGE, fault: 'loseAnswer', times: 1 }],
  },
  {
    name: 'cancel while paying',
    customerId: 'demo-cancel',
    faults: [{ ...CHARGE, fault: 'slow', delayMs: 10_000 }],
    then: 'cancel',
  },
  { name: 'saga timeout', customerId: 'demo-timeout', faults: [{ ...CHARGE, fault: 'hang' }] },
  { name: 'returned in part', customerId: 'demo-return' },
  {
    name: 'above the limit, approved',
    customerId: 'demo-approved',
    unitPrice: ABOVE_LIMIT,
    then: 'approve',
  },
  {
    name: 'above the limit, rejected',
    customerId: 'demo-rejected',
    unitPrice: ABOVE_LIMIT,
    then: 'reject',
  },
  {
    name: 'coupon and two payments',
    customerId: 'demo-coupon',
    pays: { couponCode: 'SAVE10', payments: [{ method: 'giftCard', amount: 50 }, { method: 'card' }] },
  },
  { name: 'coupon expired', customerId: 'demo-expired', pays: { couponCode: 'EXPIRED10' } },
  {
    name: 'second of three payments declined',
    customerId: 'demo-split',
    pays: {
      couponCode: 'SAVE10',
      payments: [
        { method: 'giftCard', amount: 20 },
        { method: 'card', amount: 30, token: 'declined-card' },
        { method: 'card' },
      ],
    },
  },
  { name: 'duplicate key', customerId: 'demo-twice', isTwice: true },
  { name: 'nothing to ship', customerId: 'demo-digital', kind: 'digital' },
  { name: 'delivered', customerId: 'tracked-demo' },
];

/** The order that a scenario places. */
export function orderOf(scenario: PlaygroundScenario): object {
  const { customerId, productId = 'prod-001', unitPrice = 49.99, kind, pays } = scenario;
  const items = [
    { productId, productName: 'Desk lamp', quantity: 2, unitPrice },
    { productId: 'prod-002', productName: 'Light bulb', quantity: 5, unitPrice: 9.99 },
  ];
  return {
    customerId,
    ...pays,
    items: kind === undefined ? items : items.map((item) => ({ ...item, kind })),
  };
}
