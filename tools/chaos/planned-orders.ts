// Maker of the orders of a plan: customers of every fate, products with and without limit, HTTP and queue, repeats,
// cancels, and sometimes input that is no order. What comes after the placing is drawn from a stream of its own.
import type { BadInput, PlannedItem, PlannedOrder, PlannedReturn, PlanRequest, Way } from './plan';
import { createRandom, type Random } from './random';

const PRODUCTS: readonly [PlannedItem, ...PlannedItem[]] = [
  { productId: 'chaos-lamp', quantity: 2, unitPrice: 49.99 },
  { productId: 'chaos-chair', quantity: 1, unitPrice: 120.5 },
  { productId: 'prod-001', quantity: 3, unitPrice: 9.99 },
  { productId: 'chaos-unlimited', quantity: 4, unitPrice: 0.07 },
];
const SCARCE: PlannedItem = { productId: 'chaos-scarce', quantity: 1, unitPrice: 15 };
/** Above the limit of approval that every system here starts with. */
const COSTLY: PlannedItem = { productId: 'chaos-piano', quantity: 1, unitPrice: 120_000 };
const MISSING: PlannedItem = { productId: 'oos-chaos', quantity: 1, unitPrice: 5 };

const BAD_INPUT: readonly [BadInput, ...BadInput[]] = ['notJson', 'notAnObject', 'invalid'];
const WAYS: readonly [readonly Way[], ...(readonly Way[])[]] = [
  ['http'],
  ['http'],
  ['queue'],
  ['queue'],
  ['http', 'queue'],
  ['http', 'http', 'queue'],
];

/** The last orders come a while before the end, so that every kind of disturbance meets orders under way. */
const SENT_WITHIN = 0.9;

export function planOrders({ seed, orders, durationMs }: PlanRequest): PlannedOrder[] {
  const random = createRandom(seed, 'orders');
  const later = createRandom(seed, 'after-orders');
  return Array.from({ length: orders }, (_, index) => {
    const atMs = Math.floor(random.next() * durationMs * SENT_WITHIN);
    return planLater(later, planOrder(random, `chaos-${seed}-${index}`, atMs));
  }).sort((a, b) => a.atMs - b.atMs);
}

type Placed = Omit<PlannedOrder, 'approval' | 'returns'>;

/** Makes some orders digital and some costly, and says what people do with them. */
function planLater(random: Random, placed: Placed): PlannedOrder {
  const items = digitalOf(random, placed.items);
  const approval = random.chance(0.1)
    ? random.pick(['approve', 'approve', 'reject', 'nobody'] as const)
    : undefined;
  const returns = random.chance(0.25) ? planReturns(random, items[0]?.quantity ?? 0) : [];
  return { ...placed, items: approval === undefined ? items : [...items, COSTLY], approval, returns };
}

/** All of an order, or its first item only: where that is one of several, a parcel is sent all the same. */
function digitalOf(random: Random, items: readonly PlannedItem[]): readonly PlannedItem[] {
  if (!random.chance(0.2)) return items;
  const isWhole = random.chance(0.7);
  return items.map((item, index) => (isWhole || index === 0 ? { ...item, kind: 'digital' } : item));
}

function planReturns(random: Random, pieces: number): readonly PlannedReturn[] {
  const returns: PlannedReturn[] = [];
  for (let left = pieces; left > 0 && returns.length < 3;) {
    const quantity = random.between(1, left);
    const accepted = random.chance(0.15) ? 0 : random.between(1, quantity);
    returns.push({
      quantity,
      accepted,
      damaged: random.between(0, accepted),
      isCancelled: random.chance(0.2),
    });
    left -= quantity;
  }
  return returns;
}

function planOrder(random: Random, key: string, atMs: number): Placed {
  const bad = random.chance(0.03) ? random.pick(BAD_INPUT) : undefined;
  const ways: readonly Way[] = random.pick(WAYS);
  return {
    key,
    atMs,
    // What is refused makes nothing that a second way could meet.
    ways: bad === undefined ? ways : ways.slice(-1),
    customerId: customerOf(random, key),
    items: itemsOf(random),
    pays: paysOf(random),
    againAfterMs: random.chance(0.1) ? random.between(0, 5_000) : undefined,
    cancelAfterMs: random.chance(0.12) ? random.between(0, 1_500) : undefined,
    notBeforeMs: random.chance(0.04) ? random.between(200, 4_000) : undefined,
    bad,
  };
}

function customerOf(random: Random, key: string): string {
  const share = random.next();
  if (share < 0.07) return `declined-${key}`;
  if (share < 0.15) return `noship-${key}`;
  if (share < 0.16) return `norefund-${key}`;
  // Few customers with many orders each.
  return `customer-${random.between(1, 25)}`;
}

const COUPONS: readonly [string, ...string[]] = ['SAVE10', 'TAKE5', 'FREE', 'ONCE10', 'EXPIRED10'];

/** A coupon needs a payment that takes the rest. No order is so small that a gift card of a cent pays more than all. */
function paysOf(random: Random): PlannedOrder['pays'] {
  const couponCode = random.chance(0.15) ? { couponCode: random.pick(COUPONS) } : {};
  if (!random.chance(0.15)) return couponCode;
  const token = random.chance(0.15) ? { token: 'declined-chaos' } : {};
  return {
    ...couponCode,
    payments: [
      { method: 'giftCard', amount: 0.01 },
      { method: 'card', ...token },
    ],
  };
}

function itemsOf(random: Random): readonly PlannedItem[] {
  const first = random.pick(PRODUCTS);
  const items = [{ ...first, quantity: first.quantity + random.between(0, 3) }];
  if (random.chance(0.12)) items.push(SCARCE);
  if (random.chance(0.03)) items.push(MISSING);
  return items;
}
