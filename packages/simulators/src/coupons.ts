// Coupons of the simulated promotion service: what each takes off and for whom, and how often it is in use.
import type { Clock } from 'azure-local/kit/clock';
import type { Journal } from 'azure-local/storage/journal';
import { z } from 'zod';

export const coupon = z.strictObject({
  /** Per cent of the total, or a fixed amount in minor units. */
  percent: z.number().gt(0).max(100).optional(),
  amountMinor: z.int().positive().optional(),
  /** Of `amountMinor` and `minimumMinor`; any currency when absent. */
  currency: z.string().length(3).optional(),
  expiresAt: z.iso.datetime().optional(),
  minimumMinor: z.int().positive().optional(),
  /** Uses in all, and by one customer; without limit when absent. */
  maxUses: z.int().nonnegative().optional(),
  maxUsesPerCustomer: z.int().positive().optional(),
});

export type Coupon = Readonly<z.infer<typeof coupon>>;

/** Magic values of the simulation: the codes that there are from the start. */
const BUILT_IN: Readonly<Record<string, Coupon>> = {
  SAVE10: { percent: 10 },
  TAKE5: { amountMinor: 500 },
  FREE: { percent: 100 },
  EXPIRED10: { percent: 10, expiresAt: '1970-01-01T00:00:00Z' },
  USEDUP10: { percent: 10, maxUses: 0 },
  OVER100: { percent: 15, minimumMinor: 10_000 },
  ONCE10: { percent: 10, maxUsesPerCustomer: 1 },
  USD5: { amountMinor: 500, currency: 'USD' },
};

export interface Purchase {
  readonly code: string;
  readonly customerId: string;
  readonly totalMinor: number;
  readonly currency: string;
}

/** Why a coupon is not taken. */
export interface CouponRefusal {
  readonly code: string;
  readonly message: string;
}

/** `find`, `uses` and `quote` may be used at any time, the others only inside a journal write. */
export interface Coupons {
  find(code: string): Coupon | undefined;
  /** Redemptions of a code that stand. */
  uses(code: string): number;
  /** What the coupon takes off, or why it is not taken now. */
  quote(purchase: Purchase): number | CouponRefusal;
  set(code: string, coupon: Coupon): void;
  use(key: string, purchase: Pick<Purchase, 'code' | 'customerId'>): void;
  giveBack(key: string): void;
}

export function createCoupons(journal: Journal, clock: Clock): Coupons {
  journal.schema(`
    CREATE TABLE IF NOT EXISTS services_coupons (code TEXT PRIMARY KEY, coupon TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS services_coupon_uses (
      key TEXT PRIMARY KEY, code TEXT NOT NULL, customer_id TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS services_coupon_uses_code ON services_coupon_uses (code, customer_id);`);
  const select = journal.statement('SELECT coupon FROM services_coupons WHERE code = ?');
  const upsert = journal.statement('INSERT OR REPLACE INTO services_coupons VALUES (?, ?)');
  const all = journal.statement('SELECT COUNT(*) AS uses FROM services_coupon_uses WHERE code = ?');
  const own = journal.statement(
    'SELECT COUNT(*) AS uses FROM services_coupon_uses WHERE code = ? AND customer_id = ?',
  );
  const insert = journal.statement('INSERT INTO services_coupon_uses VALUES (?, ?, ?)');
  const remove = journal.statement('DELETE FROM services_coupon_uses WHERE key = ?');
  const find = (code: string): Coupon | undefined => {
    const row = select.get<{ coupon: string }>(code);
    if (row !== undefined) return JSON.parse(row.coupon) as Coupon;
    return Object.hasOwn(BUILT_IN, code) ? BUILT_IN[code] : undefined;
  };
  const uses = (code: string): number => all.get<{ uses: number }>(code)?.uses ?? 0;
  return {
    find,
    uses,
    quote(purchase) {
      const { code, customerId } = purchase;
      const found = find(code);
      if (found === undefined) return refusal('COUPON_UNKNOWN', `There is no coupon '${code}'.`);
      const ownUses = own.get<{ uses: number }>(code, customerId)?.uses ?? 0;
      return (
        refusalOf(found, purchase, { now: clock.now(), uses: uses(code), ownUses }) ??
        discount(found, purchase.totalMinor)
      );
    },
    set: (code, given) => void upsert.run(code, JSON.stringify(given)),
    use: (key, { code, customerId }) => void insert.run(key, code, customerId),
    giveBack: (key) => void remove.run(key),
  };
}

const refusal = (code: string, message: string): CouponRefusal => ({ code, message });

function refusalOf(
  { expiresAt, currency, minimumMinor, maxUses, maxUsesPerCustomer }: Coupon,
  purchase: Purchase,
  { now, uses, ownUses }: { readonly now: number; readonly uses: number; readonly ownUses: number },
): CouponRefusal | undefined {
  const { code, customerId, totalMinor } = purchase;
  if (expiresAt !== undefined && now >= Date.parse(expiresAt))
    return refusal('COUPON_EXPIRED', `The coupon '${code}' expired at ${expiresAt}.`);
  if (currency !== undefined && currency !== purchase.currency)
    return refusal('COUPON_CURRENCY', `The coupon '${code}' is for orders in ${currency}.`);
  if (minimumMinor !== undefined && totalMinor < minimumMinor)
    return refusal(
      'COUPON_MINIMUM',
      `The coupon '${code}' is for orders from ${minimumMinor} on (minor units).`,
    );
  if (maxUses !== undefined && uses >= maxUses)
    return refusal('COUPON_USED_UP', `The coupon '${code}' is used up.`);
  return maxUsesPerCustomer !== undefined && ownUses >= maxUsesPerCustomer
    ? refusal('COUPON_USED_BEFORE', `The customer '${customerId}' has used the coupon '${code}' before.`)
    : undefined;
}

/** At most the total; a fraction of the smallest unit is not taken off. */
function discount({ percent = 0, amountMinor = 0 }: Coupon, totalMinor: number): number {
  // In ten-thousandths: totals times a hundred are more than a double holds.
  const share = (BigInt(totalMinor) * BigInt(Math.round(percent * 100))) / 10_000n;
  return Math.min(totalMinor, Number(share) + amountMinor);
}
