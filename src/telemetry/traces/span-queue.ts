// Queue between the app and an exporter. An order only ever adds to it; a timer takes batches out.
//
// span-queue.Q1  It is bounded: what does not fit is dropped and counted, whatever the exporter does.
// span-queue.Q2  One export at a time, given up after TIMEOUT_MS. A batch that failed is counted and not sent again: the exporter
//   has tried as often as it wants to.
// span-queue.Q3  Its timers keep no process alive, and nothing that an exporter throws leaves it.
// span-queue.Q4  A batch goes out when it is full or its first span has waited for DELAY_MS. What comes while one is exported
//   waits in its turn: an exporter that is slow gets larger requests, not more.
import type { SpanExporter } from './exporter';
import type { Span } from './span';

/** As the specification of OpenTelemetry has it for its batch processor. */
const MAX_QUEUE = 2_048;
const MAX_BATCH = 512;
const DELAY_MS = 1_000;
const TIMEOUT_MS = 10_000;

/** What became of a span. */
export type Exported = 'exported' | 'failed' | 'dropped';

export interface SpanQueue {
  add(span: Span): void;
  /** Resolves when what is in it has been taken out, or given up. */
  flush(): Promise<void>;
}

/** `count` is told what became of how many. */
export function createSpanQueue(
  exporter: Pick<SpanExporter, 'export'>,
  count: (result: Exported, spans: number) => void,
): SpanQueue {
  let waiting: Span[] = [];
  /** Armed while spans wait, unless they are due. */
  let timer: NodeJS.Timeout | undefined;
  let isDue = false;
  let running: Promise<void> | undefined;

  const later = (): void => {
    timer ??= setTimeout(() => void flush(), DELAY_MS).unref();
  };

  function take(): readonly Span[] {
    const batch = waiting.slice(0, MAX_BATCH);
    waiting = waiting.slice(MAX_BATCH);
    if (waiting.length === 0) notDue();
    return batch;
  }

  function notDue(): void {
    clearTimeout(timer);
    timer = undefined;
    isDue = false;
  }

  /** span-queue.Q4. */
  async function drain(): Promise<void> {
    while (waiting.length >= (isDue ? 1 : MAX_BATCH)) {
      const batch = take();
      count(await exportOf(exporter, batch), batch.length);
    }
  }

  function send(): Promise<void> {
    running ??= drain().finally(() => (running = undefined));
    return running;
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    isDue = waiting.length > 0;
    return send();
  }

  return {
    add(span) {
      if (waiting.length >= MAX_QUEUE) {
        count('dropped', 1);
        return;
      }
      waiting.push(span);
      if (waiting.length < MAX_BATCH) later();
      else void send();
    },
    flush,
  };
}

async function exportOf(
  exporter: Pick<SpanExporter, 'export'>,
  batch: readonly Span[],
): Promise<'exported' | 'failed'> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'failed'>((resolve) => {
    timer = setTimeout(() => resolve('failed'), TIMEOUT_MS).unref();
  });
  const exporting = async (): Promise<'exported'> => {
    await exporter.export(batch);
    return 'exported';
  };
  try {
    return await Promise.race([exporting(), timeout]);
  } catch {
    return 'failed';
  } finally {
    clearTimeout(timer);
  }
}
