// Steps of a return for tests: over the parts of the saga harness, as the routes call the commands.
import {
  cancelReturn,
  inspectReturn,
  receiveReturn,
  type Changed,
  type ReturnChange,
} from '../../src/commands/change-return';
import {
  requestReturn,
  type Requested,
  type ReturnItem,
  type ReturnPorts,
} from '../../src/commands/request-return';
import type { InspectedLine } from '../../src/domain/return-events';
import { SCOPE, orderRequest } from './orders';

/** Everything of `orderRequest`. */
const ALL_ITEMS: readonly ReturnItem[] = orderRequest.lines.map(({ productId, quantity }) => ({
  productId,
  quantity,
}));

export const allAccepted: readonly InspectedLine[] = ALL_ITEMS.map(({ productId, quantity }) => ({
  ...{ productId, accepted: quantity, damaged: 0 },
}));

export interface ReturnFlow {
  request(items?: readonly ReturnItem[], idempotencyKey?: string): Promise<Requested>;
  receive(number?: number): Promise<Changed>;
  inspect(items?: readonly InspectedLine[], number?: number): Promise<Changed>;
  cancel(number?: number): Promise<Changed>;
}

/** The commands on the returns of one order. */
export function returnFlow(ports: ReturnPorts, orderId: string): ReturnFlow {
  const change = (returnNumber: number): ReturnChange => ({
    ...{ scope: SCOPE, orderId, returnNumber, by: 'operator' },
  });
  return {
    request: (items = ALL_ITEMS, idempotencyKey) =>
      requestReturn(ports, {
        ...{ scope: SCOPE, orderId, items, reason: 'does not fit', requestedBy: 'customer' },
        ...{ idempotencyKey, windowDays: 30 },
      }),
    receive: (number = 1) => receiveReturn(ports, change(number)),
    inspect: (items = allAccepted, number = 1) => inspectReturn(ports, { ...change(number), items }),
    cancel: (number = 1) => cancelReturn(ports, change(number)),
  };
}
