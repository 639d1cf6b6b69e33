// Decorator of the inventory service: a reservation that the inventory view shows to be short is refused without a
// reservation call. Wired in main.ts.
import type { OrderLine } from '../domain/order-events';
import type { Outcome, Refused, Transient, Unknown } from '../domain/outcome';
import type { InventoryService, ServiceCall } from '../ports/downstream';
import type { ProductView, InventoryView } from '../ports/inventory-view';

/**
 * Reserves as `inventory` does, unless the inventory view knows of fewer pieces on hand than a line asks for. Whether reserved ones
 * come free is the service's to say: they do so faster than news of it comes. A shortage is believed only when the store still
 * has it, and when nothing is found under the key: it may be this order's own reservation, made before a crash, that left too
 * little. Rejects with a TransientError when the store is away.
 *
 * A shortage is answered only once the key is closed at the service, so that it is as final as any refusal (S26): a
 * reservation that was on its way is released, one that is still to come is refused.
 */
export function refuseKnownShortages(
  inventory: InventoryService,
  inventoryView: InventoryView,
): InventoryService {
  return {
    ...inventory,
    async reserve(call, lines) {
      const short = await knownShortage(inventoryView, lines);
      if (short === undefined) return inventory.reserve(call, lines);
      // Two calls share the time of one.
      const half: ServiceCall = { ...call, timeoutMs: call.timeoutMs / 2 };
      const found = await inventory.findReservation(half, call.key);
      if (found.kind !== 'done') return inventory.reserve(half, lines);
      switch (found.value?.status) {
        case undefined:
          return refuseClosed(
            short,
            await inventory.release({ ...half, key: `${call.key}:close` }, call.key),
          );
        case 'closed':
          // By an earlier run of this, which a crash kept from answering.
          return short;
        default:
          return inventory.reserve(half, lines);
      }
    },
  };
}

/**
 * The refusal, if its key is closed. If it is not, the step is as far as the closing: a service that is away is waited for, and
 * a closing that may still take effect leaves the reservation unknown, for a reservation that it met would be lost.
 */
function refuseClosed(short: Refused, closing: Outcome<unknown>): Refused | Transient | Unknown {
  switch (closing.kind) {
    case 'done':
      return short;
    case 'unknown':
      return closing;
    case 'transient':
      return closing.outage === null
        ? { kind: 'unknown', cause: 'connectionLost', error: closing.error }
        : closing;
    case 'refused': {
      const error = { code: closing.detailCode, message: closing.reason };
      return { kind: 'unknown', cause: 'connectionLost', error };
    }
  }
}

async function knownShortage(
  inventoryView: InventoryView,
  lines: readonly OrderLine[],
): Promise<Refused | undefined> {
  const productIds = lines.map(({ productId }) => productId);
  if (firstShort(await inventoryView.find(productIds), lines) === undefined) return undefined;
  const short = firstShort(await inventoryView.find(productIds, 0), lines);
  if (short === undefined) return undefined;
  const { productId, quantity, onHand } = short;
  const reason = `inventory: ${quantity} of '${productId}' were asked for, and it has told that ${onHand} are on hand`;
  return { kind: 'refused', detailCode: 'OUT_OF_STOCK', reason };
}

function firstShort(
  known: ReadonlyMap<string, ProductView>,
  lines: readonly OrderLine[],
): { readonly productId: string; readonly quantity: number; readonly onHand: number } | undefined {
  for (const { productId, quantity } of known.size === 0 ? [] : lines) {
    const stock = known.get(productId)?.stock ?? null;
    if (stock === null) continue;
    if (stock.onHand < quantity) return { productId, quantity, onHand: stock.onHand };
  }
  return undefined;
}
