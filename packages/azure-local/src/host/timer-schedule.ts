// Parser of timer schedules (NCRONTAB of six or five fields, or a TimeSpan), and their next occurrence. It reads no
// clock.
import { CronExpressionParser } from 'cron-parser';
import { HostStartError } from './errors';
import { parseTimeSpan } from './time-span';

export interface Schedule {
  /** The first occurrence after `afterMs`. */
  next(afterMs: number): number;
  /** Whether its status is kept over restarts unless `useMonitor` says otherwise: occurrences a minute apart or more. */
  readonly isMonitored: boolean;
  readonly adjustForDST: boolean;
}

const NAMES = /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)[a-z]*\b/gi;
const MONITORED_INTERVAL_MS = 60_000;
const OCCURRENCES_LOOKED_AT = 5;

/**
 * Parses the `schedule` of a timer trigger; occurrences are in `timeZone` (the setting WEBSITE_TIME_ZONE, else UTC).
 * @throws HostStartError naming the function and what is wrong.
 */
export function parseSchedule(text: string, functionName: string, timeZone = 'UTC'): Schedule {
  const intervalMs = parseTimeSpan(text.trim());
  if (intervalMs !== undefined && intervalMs > 0) {
    return {
      next: (afterMs) => afterMs + intervalMs,
      isMonitored: intervalMs >= MONITORED_INTERVAL_MS,
      adjustForDST: false,
    };
  }
  return parseCron(text, functionName, timeZone);
}

function parseCron(text: string, functionName: string, tz: string): Schedule {
  const refuse = (fault: string, cause?: unknown): HostStartError =>
    new HostStartError(
      `The schedule "${text}" of function ${functionName} ${fault}. It is six fields ` +
        '{second} {minute} {hour} {day} {month} {day of week}, or a time span hh:mm:ss.',
      { cause },
    );
  const fields = text.trim().replace(NAMES, '$1').split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  if (fields.length !== 6) throw refuse(`has ${fields.length} fields`);
  const odd = fields.find((field) => !/^[\w*,/-]+$/.test(field) || /\d[LWH]|^[LWH]/i.test(field));
  if (odd !== undefined) throw refuse(`has "${odd}", which NCRONTAB does not know`);
  if (fields[3] !== '*' && fields[5] !== '*') {
    throw refuse('restricts both day and day of week, which is not simulated by the local host');
  }
  const expression = fields.join(' ');
  const next = (afterMs: number): number =>
    CronExpressionParser.parse(expression, { currentDate: new Date(afterMs), tz })
      .next()
      .getTime();
  try {
    return { next, isMonitored: shortestInterval(next) >= MONITORED_INTERVAL_MS, adjustForDST: true };
  } catch (error) {
    throw refuse(`cannot be read (${(error as Error).message})`, error);
  }
}

function shortestInterval(next: (afterMs: number) => number): number {
  let shortestMs = Infinity;
  let previousMs = next(0);
  for (let count = 0; count < OCCURRENCES_LOOKED_AT; count += 1) {
    const followingMs = next(previousMs);
    shortestMs = Math.min(shortestMs, followingMs - previousMs);
    previousMs = followingMs;
  }
  return shortestMs;
}
