// Look-up of a step's effect at its service by key: whether the effect is in force. Read-only; called by the late look-up.
import type { LookUpEffect } from '../commands/late-look-up';
import type { Outcome } from '../domain/outcome';
import type {
  InventoryService,
  PaymentService,
  PromotionService,
  ShippingService,
} from '../ports/downstream';

export interface EffectServices {
  readonly inventory: InventoryService;
  readonly promotion: PromotionService;
  readonly payment: PaymentService;
  readonly shipping: ShippingService;
}

/** The look-ups of the steps that have something to take back. */
export function createEffectLookUp({
  inventory,
  promotion,
  payment,
  shipping,
}: EffectServices): LookUpEffect {
  return async (step, call) => {
    switch (step) {
      case 'ReserveInventory':
        return stands(await inventory.findReservation(call, call.key), 'reserved', 'confirmed');
      case 'ApplyCoupon':
        return stands(await promotion.findRedemption(call, call.key), 'redeemed');
      case 'ProcessPayment':
        return stands(await payment.findCharge(call, call.key), 'charged');
      case 'CreateShipment':
        return stands(await shipping.findShipment(call, call.key), 'created');
      default:
        return { kind: 'done', value: false };
    }
  };
}

function stands(
  found: Outcome<{ readonly status: string } | null>,
  ...statuses: readonly string[]
): Outcome<boolean> {
  return found.kind === 'done'
    ? { kind: 'done', value: statuses.includes(found.value?.status ?? '') }
    : found;
}
