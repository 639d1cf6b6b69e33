// Entries of the route table for operators who look for orders: counts of the presets of the list, and search by an id.
import { z } from 'zod';
import { label } from '../../fields';
import { MATCHES } from '../../ports/order-search';
import { anOrder } from './order-examples';
import type { Route } from './route';

const count = z.int().min(0);

const CountOrders = {
  name: 'CountOrders',
  method: 'GET',
  path: 'ops/orders/counts',
  meaning: 'How many orders each preset of the list shows',
  caller: 'reader',
  answers: {
    200: {
      when: 'The counts, as of the read model',
      schema: z
        .object({
          inFlight: count.meta({ description: 'Not ended' }),
          needsPerson: count.meta({ description: 'An operator has to look' }),
          stuck: count.meta({
            description: 'In flight, nobody is asked, and nothing has happened for 10 minutes',
          }),
        })
        .meta({ title: 'OrderCounts' }),
      example: { inFlight: 12, needsPerson: 1, stuck: 0 },
    },
  },
  problems: [],
} as const satisfies Route;

const FindOrders = {
  name: 'FindOrders',
  method: 'GET',
  path: 'ops/orders/find',
  meaning: 'The orders that an id belongs to: of an order, customer, parcel, charge, correlation or message',
  caller: 'reader',
  query: z.object({ id: label(200).meta({ examples: [anOrder.id] }) }),
  answers: {
    200: {
      when: 'What was found, at most 20 orders of each kind; none is an empty list',
      schema: z
        .array(
          z
            .object({
              orderId: z.uuid(),
              customerId: z.string().meta({ description: 'Empty where a message was found' }),
              by: z.enum(MATCHES).meta({ description: 'What the id is' }),
            })
            .meta({ title: 'FoundOrder' }),
        )
        .meta({ title: 'FoundOrders' }),
      example: [{ orderId: anOrder.id, customerId: anOrder.customerId, by: 'tracking' }],
    },
  },
  problems: [],
} as const satisfies Route;

export const ORDER_SEARCH_ROUTES = { CountOrders, FindOrders } as const;
