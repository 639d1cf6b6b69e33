// Pump of metrics: reads the meter once an interval and hands the reading to one exporter. Counting knows nothing of it.
//
// metric-pump.P1  One reading is held at a time: while an export has not settled the next turn is skipped and counted. So an
//   exporter that hangs holds one reading, and slows nothing that is counted.
// metric-pump.P2  An export that failed is counted and not sent again: the next reading holds what it held.
// metric-pump.P3  Its timers keep no process alive, and nothing that an exporter throws leaves it.
// metric-pump.P4  A flush sends what was counted since the last turn, and is given up after FLUSH_MS.
import type { MetricExporter } from './metric-exporter';
import type { Reading } from './reading';

const FLUSH_MS = 5_000;
/** How long the gauges that are asked of the store and the broker may keep a turn waiting. */
const REFRESH_MS = 5_000;

/** What became of a reading. */
export type Exported = 'exported' | 'failed' | 'skipped';

export interface MetricPump {
  /** `refresh` brings gauges up to date that are asked of others. */
  start(intervalMs: number, refresh: () => Promise<void>): void;
  /** Stops the turns, and resolves when the last reading was taken or given up. */
  flush(): Promise<void>;
}

export interface MetricPumpParts {
  readonly exporter: MetricExporter;
  readonly read: () => readonly Reading[];
  readonly startMs: number;
  readonly nowMs: () => number;
  readonly count: (result: Exported) => void;
}

export function createMetricPump(parts: MetricPumpParts): MetricPump {
  const { exporter, read, startMs, nowMs, count } = parts;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  async function send(): Promise<void> {
    try {
      await exporter.export(read(), { startMs, endMs: nowMs() });
      count('exported');
    } catch {
      count('failed');
    }
  }

  function turn(work: () => Promise<void>): Promise<void> {
    running ??= work().finally(() => (running = undefined));
    return running;
  }

  return {
    start(intervalMs, refresh) {
      timer = setInterval(() => {
        if (running !== undefined) count('skipped');
        else void turn(() => atMost(REFRESH_MS, refresh()).then(send));
      }, intervalMs).unref();
    },
    flush() {
      clearInterval(timer);
      const last = running === undefined ? turn(send) : running.then(() => turn(send));
      return atMost(FLUSH_MS, last);
    },
  };
}

/** Resolves with `work`, whatever comes of it, or after `ms`. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms).unref();
  });
  try {
    await Promise.race([work, late]);
  } catch {
    // What could not be asked keeps its last value.
  } finally {
    clearTimeout(timer);
  }
}
