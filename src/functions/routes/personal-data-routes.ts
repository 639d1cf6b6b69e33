// Entries of the route table for the personal data of customers: export and erasure, and for operators what follows a restored
// backup, and the rotation of keys.
import { z } from 'zod';
import { pathId } from '../../fields';
import { MAX_LISTED } from '../../operations/erase-customer';
import { numberText } from '../../validation';
import { cursor } from './cursor';
import { anOrder } from './order-examples';
import { erasedKeys, erasureState, personalDataOfCustomer } from './personal-data-schemas';
import type { Route } from './route';

const customer = z.object({ customerId: pathId.meta({ examples: [anOrder.customerId] }) });

const anErasure = {
  keyIds: ['q3Zp1u0aTn4x'],
  requestedAt: '2026-11-21T10:28:15.203Z',
  requestedBy: 'customer',
  erasedAt: '2026-11-21T10:40:15.007Z',
};

const anErasureState = {
  ...{ customerId: anOrder.customerId, status: 'erased', erasures: [anErasure] },
  ...{ waitsUntil: null, waitsForOrders: [], invoicesKeptUntil: '2036-11-21' },
};

const GetPersonalData = {
  name: 'GetPersonalData',
  method: 'GET',
  path: 'customers/{customerId}/personal-data',
  meaning: 'Everything personal that is held on a customer',
  caller: 'personal',
  params: customer,
  query: z.object({ cursor, limit: numberText({ min: 1, max: 100 }).default(50) }),
  answers: {
    200: {
      when: 'A page of it, by orders',
      schema: personalDataOfCustomer,
      example: {
        customerId: anOrder.customerId,
        orders: [
          {
            ...{ orderId: anOrder.id, placedAt: anOrder.createdAt },
            items: [{ productId: 'prod-001', productName: 'Desk lamp', quantity: 2 }],
            personalData: 'erased',
            shippingAddress: null,
            contact: null,
            paymentTokens: [null],
            returnReasons: [],
          },
        ],
      },
      headers: ['Link'],
    },
  },
  problems: ['KEY_MISSING', 'NOT_FOUND', 'VAULT_UNAVAILABLE'],
} as const satisfies Route;

const ErasePersonalData = {
  name: 'ErasePersonalData',
  method: 'DELETE',
  path: 'customers/{customerId}/personal-data',
  meaning: 'Erase it, once the orders that run have ended; asked again, it says how far that is',
  caller: 'personal',
  params: customer,
  answers: {
    200: { when: 'It is erased, or nothing was held', schema: erasureState, example: anErasureState },
    202: {
      when: 'It will be erased',
      schema: erasureState,
      example: {
        ...anErasureState,
        status: 'erasing',
        erasures: [{ ...anErasure, erasedAt: null }],
        waitsUntil: '2026-11-21T10:38:15.203Z',
        waitsForOrders: [anOrder.id],
      },
    },
  },
  problems: ['NOT_FOUND'],
} as const satisfies Route;

const ListErasures = {
  name: 'ListErasures',
  method: 'GET',
  path: 'ops/erasures',
  meaning: 'What was erased, for a backup that is restored',
  caller: 'operator',
  answers: {
    200: {
      when: 'The list',
      schema: z.array(erasedKeys).meta({ title: 'Erasures' }),
      example: [{ customerId: anOrder.customerId, ...anErasure }],
    },
  },
  problems: [],
} as const satisfies Route;

const count = z.int().min(0);

const ApplyErasures = {
  name: 'ApplyErasures',
  method: 'POST',
  path: 'ops/erasures',
  meaning: 'Erase once more, in a restored backup, what that list names; newer data stays',
  caller: 'operator',
  body: {
    schema: z.strictObject({ erasures: z.array(erasedKeys).max(MAX_LISTED) }),
    examples: { 'after a restore': { erasures: [{ customerId: 'cust-1', ...anErasure }] } },
  },
  answers: {
    200: {
      when: 'It is done',
      schema: z.object({
        applied: count.meta({ description: 'Keys that were there again, and are destroyed' }),
      }),
      example: { applied: 1 },
    },
  },
  problems: [],
} as const satisfies Route;

const RotateKeys = {
  name: 'RotateKeys',
  method: 'POST',
  path: 'ops/keys/rotate',
  meaning: 'A new key of the tenant, and every key wrapped anew; what is encrypted stays readable',
  caller: 'operator',
  answers: {
    200: {
      when: 'It is done, or a part of it: then call again',
      schema: z.object({
        keyId: z.string(),
        rewrapped: count.meta({ description: 'Customers whose keys are wrapped anew' }),
        isMore: z.boolean(),
      }),
      example: { keyId: 'Gm2bK9y0sQe7', rewrapped: 120, isMore: false },
    },
  },
  problems: ['KEY_MISSING', 'VAULT_UNAVAILABLE'],
} as const satisfies Route;

export const PERSONAL_DATA_ROUTES = {
  GetPersonalData,
  ErasePersonalData,
  ListErasures,
  ApplyErasures,
  RotateKeys,
} as const;
