// Check that the wire floor made the calls that the full order makes; without it the percentage means nothing. What
// follows the change feed comes in pages, of which a faster reader has fewer, so of that only the kinds are compared.
import { NO_COUNT, type StoreCount, type StoreCounts } from './order-counts';
import type { OrderFigures } from './order-figures';

/** What every order makes the same number of times, whatever the pages. */
const FIXED = ['orders batch', 'orders read', 'customer-orders create'];
/**
 * What an order may do without: the reconciler, the inventory view and whether intake is paused go by the clock, and an order
 * whose events come in one page is written to the list once.
 */
const NOT_ALWAYS = [
  'orders query',
  'orders queryPlan',
  'inventory read',
  'operations read',
  'customer-orders read',
  'customer-orders patch',
];
/** A timer's, every ten minutes. */
const ARCHIVE = 'saga-archive ';
/** A document of the list is as long as the page at hand knows the order, so its bytes are not compared. */
const FIXED_BYTES = ['orders batch', 'orders read'];
const MAX_BYTES_APART = 0.02;

/** One sentence per difference; none when both made the same calls. */
export function differencesOf(floor: OrderFigures, order: OrderFigures): readonly string[] {
  return [
    ...fixedDifferences(floor.store, order.store),
    ...kindDifferences(floor.store, order.store),
    ...listDifference('service calls', floor.serviceCalls, order.serviceCalls),
    ...listDifference('messages', floor.messages, order.messages),
  ];
}

function fixedDifferences(floor: StoreCounts, order: StoreCounts): string[] {
  return FIXED.flatMap((kind) => {
    const [one, other] = [floor[kind] ?? NO_COUNT, order[kind] ?? NO_COUNT];
    const said = (what: string, a: number, b: number): string =>
      `${kind}: the floor has ${a.toFixed(2)} ${what} per order, the full order ${b.toFixed(2)}`;
    const requests =
      Math.abs(one.requests - other.requests) > 0.05 ? [said('requests', one.requests, other.requests)] : [];
    const bytes =
      FIXED_BYTES.includes(kind) && isApart(bytesOf(one), bytesOf(other))
        ? [said('bytes', bytesOf(one), bytesOf(other))]
        : [];
    return [...requests, ...bytes];
  });
}

function bytesOf({ bytesIn, bytesOut }: StoreCount): number {
  return bytesIn + bytesOut;
}

function isApart(one: number, other: number): boolean {
  return Math.abs(one - other) > other * MAX_BYTES_APART;
}

function kindDifferences(floor: StoreCounts, order: StoreCounts): string[] {
  const kindsOf = (counts: StoreCounts): string[] =>
    Object.keys(counts).filter((kind) => !NOT_ALWAYS.includes(kind) && !kind.startsWith(ARCHIVE));
  const missing = kindsOf(order).filter((kind) => floor[kind] === undefined);
  const surplus = kindsOf(floor).filter((kind) => order[kind] === undefined);
  return [
    ...missing.map((kind) => `${kind}: only the full order makes such requests`),
    ...surplus.map((kind) => `${kind}: only the floor makes such requests`),
  ];
}

function listDifference(what: string, floor: readonly string[], order: readonly string[]): string[] {
  const [one, other] = [floor, order].map((list) => [...list].sort().join(', '));
  return one === other ? [] : [`${what}: the floor makes ${one ?? ''}; the full order ${other ?? ''}`];
}
