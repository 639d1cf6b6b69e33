// Log and back-off of a store that cannot be reached: one message per outage, and the time to the next attempt.
import type { HostLogger } from '../../kit/log';
import { codeOf, MissingContainer } from './feed-store';

export interface Outage {
  /** Notes a failure and gives the milliseconds to wait; says so at the first, and when it is of another sort. A container
   * that the app makes is no matter for a warning until it is late. */
  failed(error: unknown): number;
  /** Notes a success; says so after a failure. */
  over(): void;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** A container that is awaited comes with the first order, which should not wait for its events. */
const MISSING_WAIT_MS = 250;
/** An app makes its containers within this time: after it a person has to look. */
const MISSING_TOO_LONG_MS = 30_000;

/** `reads` is what is read, such as `orders-db/orders`. */
export function createOutage(log: HostLogger, category: string, functionName: string, reads: string): Outage {
  let said: string | undefined;
  let failures = 0;
  let missingMs = 0;
  const say = (sort: string, text: string, level: 'information' | 'warning' = 'warning'): void => {
    if (said !== sort) log.write(level, category, text);
    said = sort;
  };
  const noteMissing = (error: MissingContainer): void => {
    const isEarly = error.isMadeByTheApp && missingMs < MISSING_TOO_LONG_MS;
    missingMs += MISSING_WAIT_MS;
    const tells = `Function ${functionName} waits: ${error.message} ${error.remedy} It is looked for again and again until it is there.`;
    say(`${isEarly ? 'early: ' : ''}${error.message}`, tells, isEarly ? 'information' : 'warning');
  };
  return {
    failed(error) {
      if (error instanceof MissingContainer) {
        failures = 0;
        noteMissing(error);
        return MISSING_WAIT_MS;
      }
      say('away', explain(error, functionName, reads));
      failures += 1;
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
      return Math.max(waitMs, retryAfterMs(error));
    },
    over() {
      if (said !== undefined)
        log.write('information', category, `Function ${functionName} reads the changes of ${reads} now.`);
      said = undefined;
      failures = 0;
      missingMs = 0;
    },
  };
}

function explain(error: unknown, functionName: string, reads: string): string {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return (
    `Function ${functionName} cannot read the changes of ${reads} or keep its lease` +
    `${code === undefined ? '' : ` (${code})`}: ${message}\n` +
    'It is tried again, at longer and longer intervals, until it works; no change is lost meanwhile. ' +
    'If it stays so, look whether the store runs and whether the connection setting of the trigger is its.'
  );
}

/** A throttled request (429) is answered with a time to wait; errors of the change feed carry it in a header only. */
function retryAfterMs(error: unknown): number {
  const { retryAfterInMs, headers } = error as {
    readonly retryAfterInMs?: number;
    readonly headers?: Readonly<Record<string, unknown>>;
  };
  return retryAfterInMs ?? (Number(headers?.['x-ms-retry-after-ms']) || 0);
}
