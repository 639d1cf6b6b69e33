// Words and figures as the pages show them. Pure.

/** `149.93 USD`. The API's amounts are exact decimals; only `49.9` is written out to `49.90`. */
export function money(amount: number, currency: string): string {
  const decimals = String(amount).split('.')[1]?.length ?? 0;
  return `${decimals === 1 ? amount.toFixed(2) : String(amount)} ${currency}`;
}

/** `3.2 s`, `4 min`, `2 h`: two figures are enough to compare by. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** `12:03:04.123`: within one order the day is seldom of interest. */
export function timeOfDay(iso: string): string {
  return iso.slice(11, 23);
}

/** `2026-01-31 12:03`, UTC. */
export function dayAndTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
}

/** `inventoryReserved` → `inventory reserved`; `ProcessPayment:2` → `process payment 2`. */
export function words(name: string): string {
  return name
    .replace(':', ' ')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
}
