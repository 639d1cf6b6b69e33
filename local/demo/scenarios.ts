// Table of the demo: what can happen to an order, and what must come of it. The scenario tests run the same lines.
import {
  isEnded,
  poll,
  type FaultRule,
  type LedgerLine,
  type OrderAnswer,
  type OrderBody,
  type SystemClient,
} from './system-client';

export interface Scenario {
  readonly name: string;
  /** Who orders: faults and the simulators' magic values are per customer. */
  readonly customerId: string;
  readonly productId?: string;
  readonly kind?: 'digital';
  readonly unitPrice?: number;
  /** How it is paid, and with which coupon. */
  readonly pays?: Pick<OrderBody, 'couponCode' | 'payments'>;
  readonly faults?: readonly Omit<FaultRule, 'customerId'>[];
  /** What is done to the order besides placing it; returns the order that counts. */
  readonly act?: (client: SystemClient, body: OrderBody) => Promise<OrderAnswer>;
  /** Ends when the working time of the order is over, and wants a system on which that is soon. */
  readonly waitsForTimeout?: true;
  readonly expected: Expected;
}

export interface Expected {
  readonly status: string;
  readonly failureCode: string | null;
  readonly effects: readonly string[];
  /** Attempts of the payment, where they matter. */
  readonly paymentAttempts?: number;
  readonly needsIntervention?: boolean;
  /** Discounts, charges and refunds in minor units, where they matter. */
  readonly amounts?: readonly string[];
}

export interface Played {
  readonly actual: Expected;
  /** The events of the order, each with the milliseconds since the first. */
  readonly timeline: readonly { readonly type: string; readonly atMs: number }[];
}

const ALL = ['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed'];
const completed: Expected = { status: 'completed', failureCode: null, effects: ALL };
const failed = (failureCode: string, effects: readonly string[]): Expected => ({
  status: 'failed',
  failureCode,
  effects,
});

/** More than the limit of approval that a system here starts with. */
const ABOVE_LIMIT = 100_000;

export const SCENARIOS: readonly Scenario[] = [
  { name: 'everything works', customerId: 'demo-happy', expected: completed },
  {
    name: 'out of stock',
    customerId: 'demo-stock',
    productId: 'oos-lamp',
    expected: failed('INVENTORY_ERROR', []),
  },
  {
    name: 'card declined',
    customerId: 'declined-demo',
    expected: failed('PAYMENT_FAILED', ['stockReserved', 'stockReleased']),
  },
  {
    name: 'carrier refuses',
    customerId: 'noship-demo',
    expected: failed('SHIPPING_ERROR', ['stockReserved', 'charged', 'refunded', 'stockReleased']),
  },
  {
    name: 'refund fails',
    customerId: 'norefund-demo',
    expected: {
      ...failed('SHIPPING_ERROR', ['stockReserved', 'charged', 'stockReleased']),
      needsIntervention: true,
    },
  },
  {
    name: 'payment 503 twice',
    customerId: 'demo-503',
    faults: [{ service: 'payments', operation: 'charge', fault: 'down', times: 2 }],
    expected: { ...completed, paymentAttempts: 3 },
  },
  {
    name: 'payment answer lost',
    customerId: 'demo-lost',
    faults: [{ service: 'payments', operation: 'charge', fault: 'loseAnswer', times: 1 }],
    expected: { ...completed, paymentAttempts: 1 },
  },
  {
    name: 'cancel while paying',
    customerId: 'demo-cancel',
    faults: [{ service: 'payments', operation: 'charge', fault: 'slow', delayMs: 4_000 }],
    act: cancelWhilePaying,
    expected: {
      status: 'cancelled',
      failureCode: 'ORDER_CANCELLED',
      effects: ['stockReserved', 'charged', 'refunded', 'stockReleased'],
    },
  },
  {
    name: 'saga timeout',
    customerId: 'demo-timeout',
    faults: [{ service: 'payments', operation: 'charge', fault: 'hang' }],
    waitsForTimeout: true,
    expected: failed('SAGA_TIMED_OUT', ['stockReserved', 'stockReleased']),
  },
  {
    name: 'returned in part',
    customerId: 'demo-return',
    act: returnSome,
    expected: { ...completed, effects: [...ALL, 'refunded', 'restocked'] },
  },
  {
    name: 'above the limit, approved',
    customerId: 'demo-approved',
    unitPrice: ABOVE_LIMIT,
    act: answered('approve'),
    expected: completed,
  },
  {
    name: 'above the limit, rejected',
    customerId: 'demo-rejected',
    unitPrice: ABOVE_LIMIT,
    act: answered('reject'),
    expected: {
      status: 'cancelled',
      failureCode: 'APPROVAL_REJECTED',
      effects: ['stockReserved', 'charged', 'refunded', 'stockReleased'],
    },
  },
  {
    name: 'coupon and two payments',
    customerId: 'demo-coupon',
    pays: { couponCode: 'SAVE10', payments: [{ method: 'giftCard', amount: 50 }, { method: 'card' }] },
    expected: {
      ...completed,
      effects: ['stockReserved', 'couponRedeemed', 'charged', 'charged', 'shipmentCreated', 'stockConfirmed'],
      amounts: ['couponRedeemed 1499', 'charged 5000', 'charged 8494'],
    },
  },
  {
    name: 'coupon expired',
    customerId: 'demo-expired',
    pays: { couponCode: 'EXPIRED10' },
    expected: failed('COUPON_ERROR', ['stockReserved', 'stockReleased']),
  },
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
    expected: {
      ...failed('PAYMENT_FAILED', [
        ...['stockReserved', 'couponRedeemed', 'charged', 'refunded', 'couponCancelled', 'stockReleased'],
      ]),
      amounts: ['couponRedeemed 1499', 'charged 2000', 'refunded 2000', 'couponCancelled 1499'],
    },
  },
  { name: 'duplicate key', customerId: 'demo-twice', act: placeTwice, expected: completed },
  {
    name: 'nothing to ship',
    customerId: 'demo-digital',
    kind: 'digital',
    expected: { ...completed, effects: ALL.filter((effect) => effect !== 'shipmentCreated') },
  },
  {
    name: 'delivered',
    customerId: 'tracked-demo',
    act: placeAndReceive,
    expected: { ...completed, status: 'delivered' },
  },
];

/** The fault plan of all scenarios: each rule strikes its own customer only. */
export function demoFaults(): FaultRule[] {
  return SCENARIOS.flatMap(({ customerId, faults = [] }) =>
    faults.map((fault) => ({ ...fault, customerId })),
  );
}

/** The order that a scenario places. */
function demoOrder({
  customerId,
  productId = 'prod-001',
  unitPrice = 49.99,
  kind,
  pays,
}: Scenario): OrderBody {
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

/** Plays one scenario to its end on a system whose fault plan is `demoFaults()`. */
export async function play(client: SystemClient, scenario: Scenario): Promise<Played> {
  const body = demoOrder(scenario);
  const placed = await (scenario.act ?? ((to, order) => to.place(order)))(client, body);
  const order = await poll(() => client.order(placed.id), isEnded);
  const events = await client.events(order.id);
  const firstMs = Date.parse(events[0]?.occurredAt ?? '');
  const { expected } = scenario;
  const ledger = await client.ledger(order.id);
  const payment = events.find(({ data }) => data.step === 'ProcessPayment');
  return {
    actual: {
      status: order.status,
      failureCode: order.failureCode,
      // The mail to the customer is no step of the saga: it follows when it follows.
      effects: ledger.map(({ effect }) => effect).filter((effect) => effect !== 'notified'),
      ...(expected.paymentAttempts === undefined ? {} : { paymentAttempts: payment?.data.attempts ?? 0 }),
      ...(expected.amounts === undefined ? {} : { amounts: amountsIn(ledger) }),
      ...(expected.needsIntervention === undefined ? {} : { needsIntervention: order.needsIntervention }),
    },
    timeline: events.map(({ type, occurredAt }) => ({ type, atMs: Date.parse(occurredAt) - firstMs })),
  };
}

const amountsIn = (ledger: readonly LedgerLine[]): readonly string[] =>
  ledger.flatMap(({ effect, amount }) => (amount === undefined ? [] : [`${effect} ${amount}`]));

async function cancelWhilePaying(client: SystemClient, body: OrderBody): Promise<OrderAnswer> {
  const { id } = await client.place(body);
  await poll(
    () => client.order(id),
    ({ status }) => status === 'inventoryReserved',
  );
  const answered = await client.cancel(id);
  if (answered !== 202) throw new Error(`the cancel was answered ${answered}`);
  return client.order(id);
}

/** One lamp comes back whole, one damaged, and the bulbs stay. */
async function returnSome(client: SystemClient, body: OrderBody): Promise<OrderAnswer> {
  const { id } = await client.place(body);
  await poll(() => client.order(id), isEnded);
  const lamps = body.items.slice(0, 1).map(({ productId, quantity }) => ({ productId, quantity }));
  const { number } = await client.requestReturn(id, lamps);
  const until = (wanted: string) =>
    poll(
      () => client.orderReturn(id, number),
      ({ status }) => status === wanted,
    );
  await until('authorised');
  await client.changeReturn(id, number, 'received');
  const items = lamps.map(({ productId, quantity }) => ({ productId, accepted: quantity, damaged: 1 }));
  await client.changeReturn(id, number, 'inspection', { items });
  const { refundAmount } = await until('closed');
  if (refundAmount !== 99.98) throw new Error(`the return gave back ${refundAmount ?? 'nothing'}`);
  return client.order(id);
}

/** Until the simulated carrier, which tells soon of this customer's parcels, has told of the delivery. */
async function placeAndReceive(client: SystemClient, body: OrderBody): Promise<OrderAnswer> {
  const { id } = await client.place(body);
  return poll(
    () => client.order(id),
    ({ status }) => status === 'delivered',
  );
}

/** Places an order and answers as its approver, once it waits for that. */
function answered(answer: 'approve' | 'reject'): NonNullable<Scenario['act']> {
  return async (client, body) => {
    const { id } = await client.place(body);
    await poll(
      () => client.order(id),
      ({ status }) => status === 'awaitingApproval',
    );
    const status = await client.answerApproval(id, answer);
    if (status !== 202) throw new Error(`the answer ${answer} was answered ${status}`);
    return client.order(id);
  };
}

async function placeTwice(client: SystemClient, body: OrderBody): Promise<OrderAnswer> {
  const key = `demo-${Date.now()}`;
  const [first, second] = await Promise.all([client.place(body, key), client.place(body, key)]);
  if (first.id !== second.id) throw new Error(`one key made two orders: ${first.id}, ${second.id}`);
  return first;
}
