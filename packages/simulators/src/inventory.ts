// Simulated inventory service: reserves all lines of an order or none, and never more than there is.
import { z } from 'zod';
import {
  createKeys,
  type Keys,
  decideToDo,
  decideToDoLater,
  decideToUndo,
  idOf,
  lookUpByKey,
  refuseForGood,
  type Made,
} from './keys';
import type { Ledger, LedgerEntry } from './ledger';
import { onBehalfOf, operation, refused, type Answer, type OnBehalfOf, type Operation } from './operation';
import type { Stock } from './stock';
import type { Journal } from 'azure-local/storage/journal';

/** Pieces per product, each product once. */
type Pieces = readonly (readonly [productId: string, quantity: number])[];

const reservation = onBehalfOf.extend({
  lines: z.array(z.object({ productId: z.string().min(1), quantity: z.int().positive() })).min(1),
});

const releasing = onBehalfOf.extend({ evenConfirmed: z.boolean().default(false) });

const STATUS = { done: 'reserved', confirmed: 'confirmed', undone: 'released' } as const;

const REFUSALS = {
  reserve: refused(409, 'OUT_OF_STOCK', 'Not enough in stock.'),
  confirm: refused(409, 'CONFIRM_REFUSED', 'The reservation is not confirmed.'),
  release: refused(409, 'RELEASE_REFUSED', 'The reservation is not released.'),
  restock: refused(409, 'RESTOCK_REFUSED', 'The pieces are not taken back.'),
};

/** The routes of the service, below `/inventory`. */
export function createInventory(journal: Journal, ledger: Ledger, stock: Stock): Record<string, Operation> {
  const keys = createKeys<Pieces>(journal, 'inventory');

  /** Moves the reservation on, with its pieces, and writes the line. */
  function carryOut(key: string, made: Made<Pieces>, state: 'confirmed' | 'undone'): void {
    keys.move(key, state);
    for (const [productId, quantity] of made.detail) {
      if (state === 'confirmed') stock.confirm(productId, quantity);
      else if (made.state === 'confirmed') stock.restock(productId, quantity);
      else stock.release(productId, quantity);
    }
    ledger.record(entry(state === 'confirmed' ? 'stockConfirmed' : 'stockReleased', key, made, made.detail));
  }

  const reserve = operation('reserve', reservation, {
    decide({ key, body }) {
      const pieces = perProduct(body.lines);
      return decideToDo(keys, key, body, {
        body: { reservationId: reservationId(key) },
        refuse: () => outOfStock(stock, pieces),
        effect() {
          keys.open(key, body, pieces);
          for (const [productId, quantity] of pieces) stock.reserve(productId, quantity);
          ledger.record(entry('stockReserved', key, body, pieces));
        },
      });
    },
    refuse: ({ key, body }) => refuseForGood(keys, key, body, REFUSALS.reserve),
  });

  const confirm = operation('confirm', onBehalfOf, {
    decide({ key }) {
      const record = keys.find(key);
      const answer = { status: 200, body: { reservationId: reservationId(key) } };
      if (record?.state === 'confirmed') return { answer };
      return record?.state === 'done'
        ? { answer, effect: () => carryOut(key, record, 'confirmed') }
        : { answer: refused(409, 'NOT_RESERVED', `No stock is reserved under the key '${key}'.`) };
    },
    refuse: () => ({ answer: REFUSALS.confirm }),
  });

  const release = operation('release', releasing, {
    decide: ({ key, body }) =>
      decideToUndo(keys, key, body, {
        refuse: ({ state }) =>
          state === 'confirmed' && !body.evenConfirmed
            ? refused(409, 'ALREADY_CONFIRMED', `What '${key}' reserved has left the shelf.`)
            : undefined,
        effect: (made) => carryOut(key, made, 'undone'),
      }),
    refuse: () => ({ answer: REFUSALS.release }),
  });

  return {
    'POST /restocks': restocking(keys, ledger, stock),
    'POST /reservations': reserve,
    'GET /reservations/{key}': lookUpByKey(keys, (key, { state }) => ({
      reservationId: reservationId(key),
      status: STATUS[state],
    })),
    'POST /reservations/{key}/confirm': confirm,
    'POST /reservations/{key}/release': release,
  };
}

/** Puts returned pieces back on the shelf. */
function restocking(keys: Keys<Pieces>, ledger: Ledger, stock: Stock): Operation {
  return operation('restock', reservation, {
    decide({ key, body }) {
      const pieces = perProduct(body.lines);
      return decideToDoLater(keys, key, body, {
        body: { restockId: restockId(key) },
        refuse: () => undefined,
        effect() {
          keys.open(key, body, pieces);
          for (const [productId, quantity] of pieces) stock.restock(productId, quantity);
          ledger.record({ ...entry('restocked', key, body, pieces), reference: restockId(key) });
        },
      });
    },
    refuse: () => ({ answer: REFUSALS.restock }),
  });
}

function perProduct(lines: z.infer<typeof reservation>['lines']): Pieces {
  const pieces = new Map<string, number>();
  for (const { productId, quantity } of lines) {
    pieces.set(productId, (pieces.get(productId) ?? 0) + quantity);
  }
  return [...pieces];
}

function outOfStock(stock: Stock, pieces: Pieces): Answer | undefined {
  for (const [productId, quantity] of pieces) {
    const available = stock.available(productId);
    if (available < quantity) {
      const message = `${quantity} of '${productId}' were asked for and ${available} can be had.`;
      return refused(409, 'OUT_OF_STOCK', message, { productId });
    }
  }
  return undefined;
}

function entry(
  effect: LedgerEntry['effect'],
  key: string,
  { orderId, customerId }: OnBehalfOf,
  pieces: Pieces,
): LedgerEntry {
  return {
    service: 'inventory',
    effect,
    orderId,
    customerId,
    key,
    reference: reservationId(key),
    productIds: pieces.map(([productId]) => productId),
    quantity: pieces.reduce((sum, [, quantity]) => sum + quantity, 0),
  };
}

const reservationId = (key: string): string => idOf('res', key);
const restockId = (key: string): string => idOf('rst', key);
