// Log of the platform in the format of `func start`: `[2026-01-01T00:00:00.000Z] Executing 'Functions.CreateOrder' …`.
// Lines are gathered and written once per turn of the event loop, so that logging does not set the pace.
//
// log.L1  Lines appear in the order of the calls; `flush` (and the end of the process) writes what is gathered.
// log.L2  What a level filters out costs a look-up only: ask `isEnabled` before building a costly message.
import type { HostLog } from './host-log';

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

/** Which lines are written. */
export interface LogFilter {
  /** `logging.logLevel` of host.json: category prefix → least level; `default` for the rest. */
  readonly levels: Readonly<Record<string, LogLevel>>;
  /** What every category is raised to where `levels` would let more through. */
  readonly atLeast?: LogLevel;
}

/** The log with its categories and levels. */
export interface HostLogger {
  /** For what writes from elsewhere: see `createLogFilter`. */
  readonly filter: LogFilter;
  isEnabled(level: LogLevel, category: string): boolean;
  write(level: LogLevel, category: string, message: string, error?: unknown): void;
  /** Text as it is, without time and level: the banner. */
  print(text: string): void;
  /** The log of one category, for those that know no others. */
  category(name: string): HostLog;
  flush(): void;
}

export interface HostLoggerOptions extends LogFilter {
  /** Receives whole lines, many at a time. */
  readonly sink: (text: string) => void;
  readonly isColoured: boolean;
  readonly now: () => number;
}

const SEVERITY: Readonly<Record<LogLevel, number>> = {
  trace: 0,
  debug: 1,
  information: 2,
  warning: 3,
  error: 4,
  critical: 5,
  none: 6,
};
const COLOURS: Readonly<Partial<Record<LogLevel, string>>> = {
  trace: '\u001b[90m',
  debug: '\u001b[90m',
  warning: '\u001b[33m',
  error: '\u001b[31m',
  critical: '\u001b[31m',
};
const TIME_COLOUR = '\u001b[90m';
const PLAIN = '\u001b[0m';
/** Enough gathered text to be worth a write before the turn ends. */
const FLUSH_CHARACTERS = 64 * 1024;

export function createHostLogger({ sink, isColoured, now, ...filter }: HostLoggerOptions): HostLogger {
  const isEnabled = createLogFilter(filter);
  let gathered = '';
  let isScheduled = false;
  let stampMs = NaN;
  let stamp = '';

  const flush = (): void => {
    isScheduled = false;
    if (gathered === '') return;
    const text = gathered;
    gathered = '';
    sink(text);
  };
  const append = (text: string): void => {
    gathered += text;
    if (gathered.length > FLUSH_CHARACTERS) flush();
    else if (!isScheduled) {
      isScheduled = true;
      setImmediate(flush);
    }
  };
  const timeOfNow = (): string => {
    const ms = now();
    if (ms !== stampMs) {
      stampMs = ms;
      stamp = isColoured
        ? `${TIME_COLOUR}[${new Date(ms).toISOString()}]${PLAIN} `
        : `[${new Date(ms).toISOString()}] `;
    }
    return stamp;
  };
  const write: HostLogger['write'] = (level, category, message, error) => {
    if (!isEnabled(level, category)) return;
    const text = error === undefined ? message : `${message}\n${describeError(error)}`;
    const colour = isColoured ? COLOURS[level] : undefined;
    append(timeOfNow() + (colour === undefined ? text : colour + text + PLAIN) + '\n');
  };
  return {
    filter,
    isEnabled,
    write,
    print: (text) => append(text + '\n'),
    category: (name) => ({
      info: (message) => write('information', name, message),
      warn: (message) => write('warning', name, message),
      error: (message, error) => write('error', name, message, error),
    }),
    flush,
  };
}

/** log.L2: the threshold of a category is found once. */
export function createLogFilter({ levels, atLeast = 'trace' }: LogFilter): HostLogger['isEnabled'] {
  const thresholds = new Map<string, number>();
  return (level, category) => {
    let threshold = thresholds.get(category);
    if (threshold === undefined) {
      threshold = Math.max(SEVERITY[levelOf(levels, category)], SEVERITY[atLeast]);
      thresholds.set(category, threshold);
    }
    return SEVERITY[level] >= threshold && level !== 'none';
  };
}

/** The level of the longest prefix of `category` that is named, else `default`, else information. */
function levelOf(levels: Readonly<Record<string, LogLevel>>, category: string): LogLevel {
  let best = '';
  for (const prefix of Object.keys(levels)) {
    if (prefix.length > best.length && category.toLowerCase().startsWith(prefix.toLowerCase())) best = prefix;
  }
  return levels[best] ?? levels['default'] ?? 'information';
}

/** What was thrown, with its stack and its causes; a thrown value that is no Error as it prints. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? text : `${text}\nCaused by: ${describeError(error.cause)}`;
}
