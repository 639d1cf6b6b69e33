// The inventory service, with the echo asked first: what it knows to be short is refused without a call.
import type { OrderLine } from '../domain/order-events';
import type { Refused } from '../domain/outcome';
import type { InventoryService, ServiceCall } from '../ports/downstream';
import type { EchoedProduct, InventoryEcho } from '../ports/inventory-echo';

/**
 * Reserves as `inventory` does, unless the echo knows of fewer pieces on hand than a line asks for. Whether reserved ones
 * come free is the service's to say: they do so faster than news of it comes. A shortage is believed only when the store still
 * has it, and when nothing is reserved under the key: it may be this order's own reservation, made before a crash, that
 * left too little. Rejects with a TransientError when the store is away.
 */
export function askEchoFirst(inventory: InventoryService, echo: InventoryEcho): InventoryService {
  return {
    ...inventory,
    async reserve(call, lines) {
      const short = await knownShortage(echo, lines);
      if (short === undefined) return inventory.reserve(call, lines);
      // Two calls share the time of one.
      const half: ServiceCall = { ...call, timeoutMs: call.timeoutMs / 2 };
      const reserved = await inventory.findReservation(half, call.key);
      return reserved.kind === 'done' && reserved.value === null ? short : inventory.reserve(half, lines);
    },
  };
}

async function knownShortage(echo: InventoryEcho, lines: readonly OrderLine[]): Promise<Refused | undefined> {
  const productIds = lines.map(({ productId }) => productId);
  if (firstShort(await echo.find(productIds), lines) === undefined) return undefined;
  const short = firstShort(await echo.find(productIds, 0), lines);
  if (short === undefined) return undefined;
  const { productId, quantity, onHand } = short;
  const reason = `inventory: ${quantity} of '${productId}' were asked for, and it has told that ${onHand} are on hand`;
  return { kind: 'refused', detailCode: 'OUT_OF_STOCK', reason };
}

function firstShort(
  known: ReadonlyMap<string, EchoedProduct>,
  lines: readonly OrderLine[],
): { readonly productId: string; readonly quantity: number; readonly onHand: number } | undefined {
  for (const { productId, quantity } of known.size === 0 ? [] : lines) {
    const stock = known.get(productId)?.stock ?? null;
    if (stock === null) continue;
    if (stock.onHand < quantity) return { productId, quantity, onHand: stock.onHand };
  }
  return undefined;
}
