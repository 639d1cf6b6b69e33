// Inventory, payment and shipping in memory: a repeated key has one effect, undoing closes a key, every effect is in one
// ledger. They pass the same contract suite as the HTTP clients on the simulators.
import type { Outcome } from '../../src/domain/outcome';
import type {
  InventoryService,
  PaymentService,
  ServiceCall,
  ShippingService,
} from '../../src/ports/downstream';

export interface Effect {
  readonly effect: string;
  readonly orderId: string;
  readonly key: string;
}

export type Operation = 'reserve' | 'confirm' | 'release' | 'charge' | 'refund' | 'ship' | 'cancel';

/** How a call misbehaves; the names are those of the simulators' fault plan. */
export type Fault = 'refuse' | 'error' | 'down' | 'hang' | 'loseAnswer';

export interface FakeServices {
  readonly inventory: InventoryService;
  readonly payment: PaymentService;
  readonly shipping: ShippingService;
  readonly ledger: Effect[];
  /** Faults by operation, used up one per call; the last one stays when `forever` holds the operation. */
  readonly faults: Partial<Record<Operation, Fault[]>>;
  readonly forever: Set<Operation>;
  /** Whether look-ups work. */
  lookUps: boolean;
  /** Called around every operation: `before` it acts and `after` it acted, before it answers. */
  around: (moment: 'before' | 'after', operation: Operation, call: ServiceCall) => Promise<void>;
  /** Lets a hanging call use up its time. */
  hang: (timeoutMs: number) => void;
}

interface Entry {
  id: string;
  status: string;
}

const UNDONE = { reserve: 'released', charge: 'refunded', ship: 'cancelled' } as const;
/** A key does nothing more once its deed was undone; one that was confirmed answers as before. */
const CLOSED: readonly string[] = Object.values(UNDONE);

const error = { code: 'FAULT', message: 'as the fault plan says' };

export function createFakeServices(): FakeServices {
  const entries = new Map<string, Entry>();

  /** Wraps one operation in its fault, if it has one. */
  async function perform<T>(
    operation: Operation,
    call: ServiceCall,
    act: () => Outcome<T>,
  ): Promise<Outcome<T>> {
    await fakes.around('before', operation, call);
    const planned = fakes.faults[operation];
    const fault = fakes.forever.has(operation) ? planned?.[0] : planned?.shift();
    switch (fault) {
      case 'refuse':
        return { kind: 'refused', detailCode: `${operation.toUpperCase()}_REFUSED`, reason: 'refused' };
      case 'error':
        return { kind: 'transient', outage: null, error };
      case 'down':
        return { kind: 'transient', outage: 'service', error };
      case 'hang':
        fakes.hang(call.timeoutMs);
        return { kind: 'unknown', cause: 'timeout', error };
      case 'loseAnswer':
        act();
        return { kind: 'unknown', cause: 'connectionLost', error };
      case undefined: {
        const outcome = act();
        await fakes.around('after', operation, call);
        return outcome;
      }
    }
  }

  const tell = (effect: string, { orderId, key }: ServiceCall): void =>
    void fakes.ledger.push({ effect, orderId, key });

  const doOnce = (call: ServiceCall, effect: string, status: string): Outcome<{ id: string }> => {
    const entry = entries.get(call.key);
    if (entry !== undefined && CLOSED.includes(entry.status)) {
      return { kind: 'refused', detailCode: 'KEY_CLOSED', reason: 'the key is closed' };
    }
    if (entry === undefined) {
      entries.set(call.key, { id: `${effect}-${call.key}`, status });
      tell(effect, call);
    }
    return { kind: 'done', value: { id: `${effect}-${call.key}` } };
  };

  const undoOnce = (
    call: ServiceCall,
    key: string,
    effect: string,
    from: string,
    to: string,
  ): Outcome<null> => {
    const entry = entries.get(key);
    if (entry?.status === from) tell(effect, { ...call, key });
    if (entry === undefined || entry.status === from) entries.set(key, { id: entry?.id ?? '', status: to });
    return { kind: 'done', value: null };
  };

  const find = (key: string): Outcome<Entry | null> => {
    if (!fakes.lookUps) return { kind: 'transient', outage: 'service', error };
    const entry = entries.get(key);
    return { kind: 'done', value: entry === undefined || entry.id === '' ? null : entry };
  };

  const fakes: FakeServices = {
    ledger: [],
    faults: {},
    forever: new Set(),
    lookUps: true,
    around: () => Promise.resolve(),
    hang: () => undefined,
    inventory: {
      reserve: async (call) =>
        rename(
          await perform('reserve', call, () => doOnce(call, 'stockReserved', 'reserved')),
          'reservationId',
        ),
      findReservation: (_call, key) => Promise.resolve(rename(find(key), 'reservationId')),
      confirm: (call, key) =>
        perform('confirm', call, () => undoOnce(call, key, 'stockConfirmed', 'reserved', 'confirmed')),
      release: (call, key) =>
        perform('release', call, () => undoOnce(call, key, 'stockReleased', 'reserved', UNDONE.reserve)),
    },
    payment: {
      charge: async (call) =>
        rename(await perform('charge', call, () => doOnce(call, 'charged', 'charged')), 'transactionId'),
      findCharge: (_call, key) => Promise.resolve(rename(find(key), 'transactionId')),
      refund: (call, key) =>
        perform('refund', call, () => undoOnce(call, key, 'refunded', 'charged', UNDONE.charge)),
    },
    shipping: {
      ship: async (call) =>
        rename(await perform('ship', call, () => doOnce(call, 'shipmentCreated', 'created')), 'trackingId'),
      findShipment: (_call, key) => Promise.resolve(rename(find(key), 'trackingId')),
      cancel: (call, key) =>
        perform('cancel', call, () => undoOnce(call, key, 'shipmentCancelled', 'created', UNDONE.ship)),
    },
  };
  return fakes;
}

/** The outcome with the entry's id under the name that the port gives it. */
function rename<T extends { id: string } | null, R>(outcome: Outcome<T>, name: string): Outcome<R> {
  if (outcome.kind !== 'done' || outcome.value === null) return outcome as unknown as Outcome<R>;
  const { id, ...rest } = outcome.value;
  return { kind: 'done', value: { ...rest, [name]: id } as R };
}
