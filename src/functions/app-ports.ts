// What the registered functions work with; composed in main.ts.
import type { InvocationContext } from '@azure/functions';
import type { Clock } from '../ports/clock';
import type { InventoryView } from '../ports/inventory-view';
import type { OrderStore } from '../ports/order-store';
import type { SagaControl } from '../ports/saga-control';
import type { SagaMessages } from '../ports/saga-messages';

export interface AppPorts {
  readonly orders: OrderStore;
  readonly clock: Clock;
  /** The version of the saga that new orders begin with. */
  readonly sagaVersion: number;
  /** What prices are checked against. */
  readonly inventoryView: InventoryView;
  /** The durable client comes with an invocation that has the `durableClient` input. */
  readonly sagas: (context: InvocationContext) => SagaControl;
  /** Given in the saga mode choreography. */
  readonly sagaMessages?: SagaMessages | undefined;
}
