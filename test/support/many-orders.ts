// Orders of the list read model by the thousand, written as the projection would have left them: no saga runs for them.
import type { Container, OperationInput } from '@azure/cosmos';
import { customerKey } from '../../src/domain/scope';
import type { OrderStatus } from '../../src/domain/order-status';
import type { CustomerOrder } from '../../src/projections/read-model-stores';
import { SCOPE } from './orders';

const BATCH = 100;
/** The first is placed here, and each other a second after the one before it. */
export const FIRST_PLACED_MS = Date.UTC(2025, 0, 1);

export interface ManyOrders {
  readonly count: number;
  readonly statusOf: (n: number) => OrderStatus;
}

/** Fills the container `customer-orders`; a hundred orders for each customer `many-<n>`. */
export async function seedListedOrders(container: Container, { count, statusOf }: ManyOrders): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const customerId = `many-${from / BATCH}`;
    const operations = Array.from({ length: Math.min(BATCH, count - from) }, (_, index): OperationInput => ({
      operationType: 'Create',
      resourceBody: { ...listed(from + index, customerId, statusOf(from + index)) },
    }));
    const { code } = await container.items.batch(operations, customerKey({ ...SCOPE, customerId }));
    if (code !== 200) throw new Error(`A batch of listed orders was answered with ${code}`);
  }
}

export const listedId = (n: number): string => `10000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

function listed(n: number, customerId: string, status: OrderStatus): CustomerOrder {
  const createdAt = new Date(FIRST_PLACED_MS + n * 1_000).toISOString();
  return {
    ...{ id: listedId(n), customerId, status, currency: 'USD', createdAt, changedAt: createdAt, version: 1 },
    ...{ totalAmount: 49.99, discountAmount: 0, amountDue: 49.99, completedAt: null },
    ...{ failureCode: null, failureDetailCode: null, failureReason: null },
    ...{ trackingId: null, dispatchedAt: null, deliveredAt: null, needsIntervention: false, items: [] },
    customerKey: customerKey({ ...SCOPE, customerId }),
  };
}
