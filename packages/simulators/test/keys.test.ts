// S26 in the simulators, whatever the fault plan does to single calls: after every step the ledger fits every answer that
// was given so far, over restarts too. The money of a key is never held once its refund was answered.
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { ManualClock } from 'azure-local/kit/clock';
import { createCallHandler, type IncomingCall, type Reply } from '../src/calls';
import type { Fault } from '../src/fault-rules';
import { createFaults, type Faults } from '../src/faults';
import { createInventory } from '../src/inventory';
import { createLedger, type Ledger } from '../src/ledger';
import type { Operation } from '../src/operation';
import { createPayments } from '../src/payments';
import { createShipping } from '../src/shipping';
import { createStock, type Stock } from '../src/stock';
import { Journal } from 'azure-local/storage/journal';

interface Kind {
  readonly service: 'inventory' | 'payments' | 'shipping';
  readonly routes: Readonly<Record<'act' | 'undo' | 'find', string>>;
  readonly effects: readonly [done: string, undone: string];
  readonly body: object;
  open(journal: Journal, ledger: Ledger, stock: Stock): Record<string, Operation>;
}

const PRODUCT = 'p-1';

const KINDS: readonly Kind[] = [
  {
    service: 'inventory',
    routes: {
      act: 'POST /reservations',
      undo: 'POST /reservations/{key}/release',
      find: 'GET /reservations/{key}',
    },
    effects: ['stockReserved', 'stockReleased'],
    body: { lines: [{ productId: PRODUCT, quantity: 1 }] },
    open: createInventory,
  },
  {
    service: 'payments',
    routes: { act: 'POST /charges', undo: 'POST /charges/{key}/refund', find: 'GET /charges/{key}' },
    effects: ['charged', 'refunded'],
    body: { amountMinor: 100, currency: 'EUR' },
    open: createPayments,
  },
  {
    service: 'shipping',
    routes: { act: 'POST /shipments', undo: 'POST /shipments/{key}/cancel', find: 'GET /shipments/{key}' },
    effects: ['shipmentCreated', 'shipmentCancelled'],
    body: { itemCount: 1 },
    open: (journal, ledger) => createShipping(journal, ledger),
  },
];

/** A call with the fault it meets, time that passes, a restart, or stock that goes and comes. */
type Step =
  | { readonly call: 'act' | 'undo' | 'find'; readonly fault: Fault | null }
  | { readonly passMs: number }
  | 'restart'
  | { readonly onHand: number };

const FAULTS = ['slow', 'inProgress', 'hang', 'loseAnswer', 'holdAnswer', 'error', 'refuse'] as const;
const faults = fc.option(fc.constantFrom<Fault>(...FAULTS), { freq: 3 });

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        call: fc.constantFrom('act' as const, 'undo' as const, 'find' as const),
        fault: faults,
      }),
    },
    { weight: 2, arbitrary: fc.record({ passMs: fc.constantFrom(300, 1_000) }) },
    { weight: 1, arbitrary: fc.constant<Step>('restart') },
    { weight: 1, arbitrary: fc.record({ onHand: fc.constantFrom(0, 1) }) },
  ),
  { minLength: 1, maxLength: 16 },
);

interface Answered {
  readonly call: 'act' | 'undo' | 'find';
  readonly status: number;
  readonly body: { readonly code?: string; readonly found?: string; readonly status?: string };
}

/** One service over one journal, with the answers that were given. */
class Simulated {
  readonly answers: Answered[] = [];
  private readonly journal = new Journal(':memory:');
  private readonly clock = new ManualClock();
  private readonly ledger = createLedger(this.journal, this.clock);
  private readonly stock = createStock(this.journal);
  private plan: Faults = createFaults(this.journal);
  private lifetime = new AbortController();
  private operations: Record<string, Operation>;
  private handle: (call: IncomingCall) => Promise<Reply>;

  constructor(private readonly kind: Kind) {
    this.operations = kind.open(this.journal, this.ledger, this.stock);
    this.handle = this.open();
  }

  private open(): (call: IncomingCall) => Promise<Reply> {
    const { journal, clock, plan, lifetime } = this;
    return createCallHandler({ journal, clock, faults: plan, lifetime: lifetime.signal });
  }

  async take(step: Step): Promise<void> {
    if (step === 'restart') this.restart();
    else if ('passMs' in step) this.clock.advance(step.passMs);
    else if ('onHand' in step) await this.journal.write(() => this.stock.set(PRODUCT, step.onHand));
    else await this.call(step.call, step.fault);
    await this.journal.settled();
    await setImmediate();
  }

  private restart(): void {
    this.lifetime.abort();
    this.lifetime = new AbortController();
    this.plan = createFaults(this.journal);
    this.operations = this.kind.open(this.journal, this.ledger, this.stock);
    this.handle = this.open();
  }

  private async call(call: Answered['call'], fault: Fault | null): Promise<void> {
    const { service, routes, body } = this.kind;
    const isRefusedLookUp = call === 'find' && fault === 'refuse';
    await this.plan.replace(fault === null || isRefusedLookUp ? [] : [{ service, fault, times: 1 }]);
    const operation = this.operations[routes[call]];
    if (operation === undefined) throw new Error(`there is no ${routes[call]}`);
    const behalf = { orderId: 'o-1', customerId: 'c-1' };
    const handled = this.handle({ service, operation, key: 'k', body: { ...behalf, ...body }, ...behalf });
    void handled.then((reply) => {
      if (reply.kind === 'answer') this.answers.push({ call, ...reply.answer });
    });
  }

  effects(): string[] {
    return this.ledger.lines({ after: 0, limit: 100 }).map(({ effect }) => effect);
  }

  async close(): Promise<void> {
    this.lifetime.abort();
    await setImmediate();
    await this.journal.close();
  }
}

/** What the answers so far say that the ledger must hold. */
function expectFits([done, undone]: Kind['effects'], answers: readonly Answered[], effects: string[]): void {
  expect([[], [done], [done, undone]]).toContainEqual(effects);
  for (const { call, status, body } of answers) {
    const { code, found } = body;
    if (call === 'act' && status < 300) expect(effects).toContain(done);
    if (call === 'act' && isRefusal(status, code)) expect(effects).toEqual([]);
    if (call === 'act' && code === 'KEY_CLOSED') expect(effects).not.toEqual([done]);
    if (call === 'undo' && status === 200) expect(effects).toEqual(found === 'undone' ? [done, undone] : []);
    if (call === 'find' && (body.status === 'closed' || body.status === 'refused'))
      expect(effects).toEqual([]);
  }
  const refusals = answers.filter(({ call, status, body }) => call === 'act' && isRefusal(status, body.code));
  expect(new Set(refusals.map(({ body }) => JSON.stringify(body))).size).toBeLessThan(2);
}

const isRefusal = (status: number, code: string | undefined): boolean =>
  status >= 400 && status < 500 && code !== 'KEY_CLOSED' && code !== 'KEY_IN_PROGRESS';

test.each(KINDS)(
  'S26: $service answers under one key only what the ledger bears out then and later, whatever befalls the calls',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const simulated = new Simulated(kind);
        for (const step of [...taken, { passMs: 1_000 }, { call: 'undo', fault: null } as const]) {
          await simulated.take(step);
          expectFits(kind.effects, simulated.answers, simulated.effects());
        }
        expect(simulated.effects()).not.toEqual(kind.effects.slice(0, 1));
        await simulated.close();
      }),
      { numRuns: 150 },
    );
  },
);
