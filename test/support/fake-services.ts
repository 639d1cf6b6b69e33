// Fakes of inventory, promotions, payment and shipping in memory: a repeated key has one effect, a refusal is final, undoing
// closes a key, every effect is in one ledger. They pass the same contract suite as the HTTP clients on the
// simulators.
import type { Outcome, Refused, Transient } from '../../src/domain/outcome';
import type {
  Found,
  InventoryService,
  NeverDone,
  PartialRefund,
  PaymentService,
  PromotionService,
  ServiceCall,
  ShippingService,
  Undoing,
} from '../../src/ports/downstream';

export interface Effect {
  readonly effect: string;
  readonly orderId: string;
  readonly key: string;
  /** Of a charge and of what is given back of it, a refund and a discount. */
  readonly amountMinor?: number;
}

export type Operation =
  | 'reserve'
  | 'confirm'
  | 'release'
  | 'restock'
  | 'redeem'
  | 'cancelCoupon'
  | 'charge'
  | 'refund'
  | 'refundPart'
  | 'ship'
  | 'cancel';

/** How a call misbehaves; the names are those of the simulators' fault plan, and `busy`: another call is at work under its key. */
export type Fault = 'refuse' | 'error' | 'down' | 'hang' | 'loseAnswer' | 'inProgress' | 'busy';

export interface FakeServices {
  readonly inventory: InventoryService;
  readonly promotion: PromotionService;
  readonly payment: PaymentService;
  readonly shipping: ShippingService;
  readonly ledger: Effect[];
  /** What a coupon takes off. */
  discountOf: (totalMinor: number) => number;
  /** Faults by operation, used up one per call; the last one stays when `forever` holds the operation. */
  readonly faults: Partial<Record<Operation, Fault[]>>;
  readonly forever: Set<Operation>;
  /** Whether look-ups work. */
  lookUps: boolean;
  /** Called around every operation: `before` it acts and `after` it acted, before it answers. */
  around: (moment: 'before' | 'after', operation: Operation, call: ServiceCall) => Promise<void>;
  /** Lets a hanging call use up its time. */
  hang: (timeoutMs: number) => void;
  /** What a call that is `inProgress` waits for before it acts; others under its key are told to come again meanwhile. */
  work: () => Promise<void>;
}

interface Entry {
  id: string;
  status: string;
  /** Of a charge and of a discount. */
  amountMinor?: number;
  /** Why it was refused, for good. */
  detailCode?: string;
  /** What is left of a charge. */
  leftMinor?: number;
}

const UNDONE = { reserve: 'released', redeem: 'cancelled', charge: 'refunded', ship: 'cancelled' } as const;
/** Nothing is done under such a key any more; one that was confirmed answers as before. */
const CLOSED: readonly string[] = [...Object.values(UNDONE), 'closed'];

const error = { code: 'FAULT', message: 'as the fault plan says' };

export function createFakeServices(): FakeServices {
  const entries = new Map<string, Entry>();
  const atWork = new Set<string>();

  /** Wraps one operation on what `key` did in its fault, if it has one. */
  async function perform<T>(
    operation: Operation,
    call: ServiceCall,
    key: string,
    act: () => Outcome<T>,
    refuse: (detailCode: string) => Outcome<T> = refused,
  ): Promise<Outcome<T>> {
    await fakes.around('before', operation, call);
    if (atWork.has(key)) return IN_PROGRESS;
    const planned = fakes.faults[operation];
    const fault = fakes.forever.has(operation) ? planned?.[0] : planned?.shift();
    switch (fault) {
      case 'refuse':
        return refuse(`${operation.toUpperCase()}_REFUSED`);
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
      case 'busy':
        return IN_PROGRESS;
      case 'inProgress':
        atWork.add(key);
        await fakes.work();
        atWork.delete(key);
        return act();
      case undefined: {
        const outcome = act();
        await fakes.around('after', operation, call);
        return outcome;
      }
    }
  }

  const tell = (effect: string, { orderId, key }: ServiceCall, amountMinor?: number): void =>
    void fakes.ledger.push({ effect, orderId, key, ...(amountMinor === undefined ? {} : { amountMinor }) });

  /** Something that is done once per key and whose refusal changes nothing. */
  const once = (operation: Operation, call: ServiceCall, effect: string, part?: PartialRefund) =>
    perform(operation, call, call.key, (): Outcome<{ id: string }> => {
      const id = `${effect}-${call.key}`;
      if (entries.has(call.key)) return { kind: 'done', value: { id } };
      if (part !== undefined) {
        const charge = entries.get(part.chargeKey);
        if (charge?.status !== 'charged') return refused('NOT_CHARGED');
        if (part.amountMinor > (charge.leftMinor ?? 0)) return refused('REFUND_EXCEEDS_CHARGE');
        charge.leftMinor = (charge.leftMinor ?? 0) - part.amountMinor;
      }
      entries.set(call.key, { id, status: effect });
      tell(effect, call, part?.amountMinor);
      return { kind: 'done', value: { id } };
    });

  const perKey = (
    operation: Operation,
    call: ServiceCall,
    { effect, status, amountMinor }: { effect: string; status: string; amountMinor?: number },
  ) => {
    const id = `${effect}-${call.key}`;
    const again = (entry: Entry): Outcome<{ id: string }> => {
      if (entry.detailCode !== undefined) return refused(entry.detailCode);
      return CLOSED.includes(entry.status) ? refused('KEY_CLOSED') : { kind: 'done', value: { id } };
    };
    const act = (): Outcome<{ id: string }> => {
      const entry = entries.get(call.key);
      if (entry !== undefined) return again(entry);
      entries.set(call.key, { id, status, ...(amountMinor === undefined ? {} : { amountMinor }) });
      tell(effect, call, amountMinor);
      return { kind: 'done', value: { id } };
    };
    const refuse = (detailCode: string): Outcome<{ id: string }> => {
      const entry = entries.get(call.key);
      if (entry !== undefined) return again(entry);
      entries.set(call.key, { id, status: 'refused', detailCode });
      return refused(detailCode);
    };
    return perform(operation, call, call.key, act, refuse);
  };

  const confirm = (call: ServiceCall, key: string): Outcome<null> => {
    const entry = entries.get(key);
    if (entry?.status !== 'reserved' && entry?.status !== 'confirmed') return refused('NOT_RESERVED');
    if (entry.status === 'reserved') tell('stockConfirmed', { ...call, key });
    entry.status = 'confirmed';
    return { kind: 'done', value: null };
  };

  const undo =
    (call: ServiceCall, key: string, effect: string, from: readonly string[], to: string) =>
    (): Outcome<Undoing> => {
      const entry = entries.get(key);
      switch (entry?.status) {
        case undefined:
          entries.set(key, { id: '', status: 'closed' });
          return { kind: 'done', value: { found: 'closed' } };
        case 'closed':
        case 'refused':
          return { kind: 'done', value: { found: 'closed' } };
        default:
          if (entry?.status === 'confirmed' && !from.includes('confirmed'))
            return refused('ALREADY_CONFIRMED');
          if (from.includes(entry?.status ?? '')) tell(effect, { ...call, key }, entry?.amountMinor);
          if (entry !== undefined) entries.set(key, { ...entry, status: to });
          return { kind: 'done', value: { found: 'undone' } };
      }
    };

  const find = (key: string): Found<Entry | NeverDone> => {
    if (!fakes.lookUps) return { kind: 'transient', outage: 'service', error };
    const entry = entries.get(key);
    if (entry === undefined) return { kind: 'done', value: null };
    const { id, status, amountMinor, detailCode } = entry;
    if (detailCode !== undefined) return { kind: 'done', value: { status: 'refused', detailCode } };
    return {
      kind: 'done',
      value:
        status === 'closed'
          ? { status }
          : { id, status, ...(amountMinor === undefined ? {} : { amountMinor }) },
    };
  };

  const fakes: FakeServices = {
    ledger: [],
    discountOf: (totalMinor) => Math.floor(totalMinor / 10),
    faults: {},
    forever: new Set(),
    lookUps: true,
    around: () => Promise.resolve(),
    hang: () => undefined,
    work: () => Promise.resolve(),
    inventory: {
      reserve: async (call) =>
        rename(
          await perKey('reserve', call, { effect: 'stockReserved', status: 'reserved' }),
          'reservationId',
        ),
      findReservation: (_call, key) => Promise.resolve(rename(find(key), 'reservationId')),
      confirm: (call, key) => perform('confirm', call, key, () => confirm(call, key)),
      restock: (call) => once('restock', call, 'restocked'),
      release: (call, key, evenConfirmed = false) => {
        const from = evenConfirmed ? ['reserved', 'confirmed'] : ['reserved'];
        return perform('release', call, key, undo(call, key, 'stockReleased', from, UNDONE.reserve));
      },
    },
    promotion: {
      redeem: async (call, { totalMinor }) => {
        const amountMinor = fakes.discountOf(totalMinor);
        const doing = { effect: 'couponRedeemed', status: 'redeemed', amountMinor };
        const outcome = rename<{ couponId: string }>(await perKey('redeem', call, doing), 'couponId');
        if (outcome.kind !== 'done') return outcome;
        return { kind: 'done', value: { ...outcome.value, discountMinor: amountMinor } };
      },
      findRedemption: (_call, key) => {
        const found = find(key);
        if (found.kind !== 'done' || found.value === null || !('id' in found.value))
          return Promise.resolve(found as Found<NeverDone>);
        const { amountMinor = 0, ...rest } = found.value;
        const value = { ...rest, discountMinor: amountMinor };
        return Promise.resolve(rename({ kind: 'done', value }, 'couponId'));
      },
      cancel: (call, key) =>
        perform('cancelCoupon', call, key, undo(call, key, 'couponCancelled', ['redeemed'], UNDONE.redeem)),
    },
    payment: {
      charge: async (call, { amountMinor }) => {
        const charged = { effect: 'charged', status: 'charged', amountMinor };
        const outcome = await perKey('charge', call, charged);
        const entry = entries.get(call.key);
        if (entry !== undefined) entry.leftMinor ??= amountMinor;
        return rename(outcome, 'transactionId');
      },
      refundPart: async (call, part) => rename(await once('refundPart', call, 'refunded', part), 'refundId'),
      findCharge: (_call, key) => Promise.resolve(rename(find(key), 'transactionId')),
      refund: (call, key) =>
        perform('refund', call, key, undo(call, key, 'refunded', ['charged'], UNDONE.charge)),
    },
    shipping: {
      ship: async (call) =>
        rename(await perKey('ship', call, { effect: 'shipmentCreated', status: 'created' }), 'trackingId'),
      findShipment: (_call, key) => Promise.resolve(rename(find(key), 'trackingId')),
      cancel: (call, key) =>
        perform('cancel', call, key, undo(call, key, 'shipmentCancelled', ['created'], UNDONE.ship)),
    },
  };
  return fakes;
}

const refused = (detailCode: string): Refused => ({ kind: 'refused', detailCode, reason: 'refused' });

const IN_PROGRESS: Transient = {
  kind: 'transient',
  outage: 'key',
  error: { code: 'KEY_IN_PROGRESS', message: 'another call under this key is at work' },
};

/** The outcome with the entry's id, if it has one, under the name that the port gives it. */
function rename<R>(outcome: Outcome<object | null>, name: string): Outcome<R> {
  if (outcome.kind !== 'done' || outcome.value === null || !('id' in outcome.value))
    return outcome as unknown as Outcome<R>;
  const { id, ...rest } = outcome.value;
  return { kind: 'done', value: { ...rest, [name]: id } as R };
}
