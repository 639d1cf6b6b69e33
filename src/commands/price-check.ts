// Price check of an order against the inventory view, for place-order.ts. A price that the view does not have, or has in
// another currency, is accepted.
import { decimalIn } from '../domain/money';
import type { ProductView, InventoryView } from '../ports/inventory-view';
import type { FieldError } from '../validation';
import type { OrderRequest } from './order-request';

/** A line whose price has changed, with the price that it must have. */
export interface PriceError extends FieldError {
  readonly currentUnitPrice: number;
}

/**
 * The lines whose price is known to differ, none when all may be taken. The inventory view may be a second behind: a difference is
 * only believed when the store still has it, so the newest price is never refused; for that second an order at the
 * old price is still accepted.
 */
export async function changedPrices(
  inventoryView: InventoryView,
  request: OrderRequest,
): Promise<readonly PriceError[]> {
  const productIds = request.lines.map(({ productId }) => productId);
  const suspected = differences(await inventoryView.find(productIds), request);
  return suspected.length === 0 ? [] : differences(await inventoryView.find(productIds, 0), request);
}

function differences(
  known: ReadonlyMap<string, ProductView>,
  { lines, currency }: OrderRequest,
): readonly PriceError[] {
  if (known.size === 0) return [];
  return lines.flatMap(({ productId, unitPriceMinor }, index) => {
    const price = known.get(productId)?.price ?? null;
    if (price === null || price.currency !== currency || price.unitPriceMinor === unitPriceMinor) return [];
    const currentUnitPrice = decimalIn(currency, price.unitPriceMinor);
    const message = `is ${currentUnitPrice} ${currency} now`;
    return [{ path: `items[${index}].unitPrice`, message, currentUnitPrice }];
  });
}
