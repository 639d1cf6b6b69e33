// What the registered functions work with; composed in main.ts.
import type { InvocationContext } from '@azure/functions';
import type { ApprovalSettings } from '../commands/approval-terms';
import type { CouponFailurePolicy } from '../domain/order-events';
import type { Clock } from '../ports/clock';
import type { FieldCipher } from '../ports/field-cipher';
import type { InventoryView } from '../ports/inventory-view';
import type { OrderStore } from '../ports/order-store';
import type { ReturnSagas } from '../ports/return-sagas';
import type { SagaControl } from '../ports/saga-control';
import type { SagaMessages } from '../ports/saga-messages';

export interface AppPorts {
  readonly orders: OrderStore;
  readonly clock: Clock;
  /** What personal data is encrypted with before it is stored. */
  readonly cipher: FieldCipher;
  /** The version of the saga that new orders begin with. */
  readonly sagaVersion: number;
  /** Which orders a person has to approve. */
  readonly approvals?: ApprovalSettings;
  /** What becomes of new orders whose coupon is refused. */
  readonly couponFailurePolicy: CouponFailurePolicy;
  /** What prices are checked against. */
  readonly inventoryView: InventoryView;
  /** The durable client comes with an invocation that has the `durableClient` input. */
  readonly sagas: (context: InvocationContext) => SagaControl;
  readonly returnSagas: (context: InvocationContext) => ReturnSagas;
  /** Given in the saga mode choreography. */
  readonly sagaMessages?: SagaMessages | undefined;
}
