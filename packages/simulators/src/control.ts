// Routes for the control API: tests, demos and people look into the simulated services and break them with it.
import { z } from 'zod';
import { coupon, type Coupons } from './coupons';
import { faultPlan, serviceName } from './fault-rules';
import type { Faults } from './faults';
import { EFFECTS, type Effect, type Ledger } from './ledger';
import type { ParcelOutbox } from './parcel-outbox';
import { invalid, refused, type Answer } from './operation';
import type { RequestLog } from './request-log';
import type { Match } from './routing';
import type { Stock } from './stock';
import type { HostLog } from 'azure-local/kit/host-log';
import type { Journal } from 'azure-local/storage/journal';

/** `body` is what came as JSON, undefined where no body is read. */
export type ControlHandler = (
  request: Omit<Match<unknown>, 'target'>,
  body: unknown,
) => Answer | Promise<Answer>;

const LIMIT_DEFAULT = 10_000;
const LIMIT_MAX = 100_000;
const MAX_AFTER_MS = 30 * 86_400_000;

const ledgerQuery = z.strictObject({
  orderId: z.string().min(1).optional(),
  service: serviceName.optional(),
  effect: z.enum(EFFECTS).optional(),
  after: z.coerce.number().int().nonnegative().default(0),
  limit: z.coerce.number().int().positive().max(LIMIT_MAX).default(LIMIT_DEFAULT),
});

const requestsQuery = z.strictObject({ orderId: z.string().min(1).optional() });

const stockLevel = z.strictObject({
  onHand: z.int().nonnegative(),
  reserved: z.int().nonnegative().optional(),
});

const afterMs = z.int().nonnegative().max(MAX_AFTER_MS).nullable();

const carrierTimes = z.strictObject({
  dispatchAfterMs: afterMs.default(2_000),
  deliverAfterMs: afterMs.default(5_000),
});

export interface ControlParts {
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly stock: Stock;
  readonly coupons: Coupons;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly log: HostLog;
  /** Undefined where the carrier has no topic to tell its news to. */
  readonly parcels: ParcelOutbox | undefined;
  readonly kill: Kill | undefined;
}

const KILLED = ['host', 'platform', 'all'] as const;

/** Ends processes at once, after the answer to the call has gone out. */
export type Kill = (what: (typeof KILLED)[number]) => void;

const killed = z.strictObject({ what: z.enum(KILLED) });

/** The routes of the control API. What they show is on disk. */
export function createControl(parts: ControlParts): Record<string, ControlHandler> {
  const { journal, ledger, requests } = parts;
  return {
    'GET /control/health': () => ok({ status: 'ok' }),
    'GET /control/ledger': ({ query }) =>
      checked(ledgerQuery, Object.fromEntries(query), 'INVALID_QUERY', async (filters) =>
        ok(await journal.read(() => ledger.lines(filters))),
      ),
    'GET /control/summary': async () => ok(summary(await journal.read(() => ledger.totals()))),
    'GET /control/requests': ({ query }) =>
      checked(requestsQuery, Object.fromEntries(query), 'INVALID_QUERY', ({ orderId }) =>
        ok(requests.list(orderId)),
      ),
    ...stockRoutes(parts),
    ...carrierRoutes(parts),
    ...couponRoutes(parts),
    ...faultRoutes(parts),
    ...killRoutes(parts),
  };
}

/** Where the services are part of a system on this machine: a process of it ends as by a power cut. */
function killRoutes({ kill, log }: ControlParts): Record<string, ControlHandler> {
  if (kill === undefined) return {};
  return {
    'POST /control/kill': (_request, body) =>
      checked(killed, body, 'INVALID_BODY', ({ what }) => {
        log.warn(`Simulated services: asked to kill ${what}`);
        kill(what);
        return ok({ what });
      }),
  };
}

function stockRoutes({ journal, stock }: ControlParts): Record<string, ControlHandler> {
  return {
    'GET /control/stock/{key}': async ({ key }) => ok(await journal.read(() => stock.level(key))),
    'PUT /control/stock/{key}': ({ key }, body) =>
      checked(stockLevel, body, 'INVALID_BODY', async ({ onHand, reserved }) => {
        await journal.write(() => stock.set(key, onHand, reserved));
        return ok(stock.level(key));
      }),
  };
}

/** How long after a parcel was taken the carrier tells of it; with `{}` some seconds, with nulls never. */
function carrierRoutes({ journal, parcels }: ControlParts): Record<string, ControlHandler> {
  if (parcels === undefined) return {};
  return {
    'GET /control/carrier': async () => ok(await journal.read(() => parcels.times())),
    'PUT /control/carrier': (_request, body) =>
      checked(carrierTimes, body, 'INVALID_BODY', async (times) => {
        await journal.write(() => parcels.setTimes(times));
        return ok(times);
      }),
  };
}

/** A coupon with its code, its terms and how often it is in use. */
function couponRoutes({ journal, coupons }: ControlParts): Record<string, ControlHandler> {
  const shown = (code: string): Answer => {
    const found = coupons.find(code);
    if (found === undefined) return refused(404, 'COUPON_UNKNOWN', `There is no coupon '${code}'.`);
    return ok({ ...found, uses: coupons.uses(code) });
  };
  return {
    'GET /control/coupons/{key}': ({ key }) => journal.read(() => shown(key)),
    'PUT /control/coupons/{key}': ({ key }, body) =>
      checked(coupon, body, 'INVALID_BODY', async (terms) => {
        await journal.write(() => coupons.set(key, terms));
        return shown(key);
      }),
  };
}

function faultRoutes({ faults, log }: ControlParts): Record<string, ControlHandler> {
  return {
    'GET /control/faults': () => ok(faults.list()),
    'PUT /control/faults': (_request, body) =>
      checked(faultPlan, body, 'INVALID_FAULTS', async (rules) => {
        await faults.replace(rules);
        log.info(`Simulated services: a fault plan with ${rules.length} rule(s) is in force`);
        return ok(faults.list());
      }),
    'DELETE /control/faults': async () => {
      await faults.replace([]);
      log.info('Simulated services: the fault plan is cleared');
      return ok([]);
    },
  };
}

/** What balance checks need: how often each effect happened, and the money. */
function summary(totals: ReturnType<Ledger['totals']>): Record<string, number> {
  const times = (effect: Effect): number => totals.get(effect)?.times ?? 0;
  const amount = (effect: Effect): number => totals.get(effect)?.amount ?? 0;
  return {
    charged: times('charged'),
    refunded: times('refunded'),
    chargedMinor: amount('charged'),
    refundedMinor: amount('refunded'),
    shipmentsCreated: times('shipmentCreated'),
    shipmentsCancelled: times('shipmentCancelled'),
    reserved: times('stockReserved'),
    released: times('stockReleased'),
    confirmed: times('stockConfirmed'),
  };
}

function checked<T>(
  schema: z.ZodType<T>,
  input: unknown,
  code: string,
  handle: (value: T) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const parsed = schema.safeParse(input);
  return parsed.success ? handle(parsed.data) : invalid(code, parsed.error);
}

function ok(body: object): Answer {
  return { status: 200, body };
}
