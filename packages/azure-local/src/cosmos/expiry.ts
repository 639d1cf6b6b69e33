// Background sweep that deletes expired documents. No request depends on it: reads leave out expired documents
// themselves (document-table.T3).
import type { Alarm, Clock } from '../kit/clock';
import type { HostLog } from '../kit/host-log';
import type { Journal } from '../storage/journal';
import type { Catalog } from './catalog';

const AT_LEAST_APART_MS = 10_000;
/** Others are served between two portions. */
const DOCUMENTS_AT_ONCE = 500;

export class ExpirySweeper {
  private alarm: Alarm | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly catalog: Catalog,
    private readonly log: HostLog,
  ) {}

  /** Looks when something expires next and sets the alarm for it, unless it is set. */
  arm(): void {
    if (this.alarm !== undefined || this.stopped) return;
    const next = Math.min(
      ...[...this.catalog.containers()].map(({ documents }) => documents.nextExpiry() ?? Infinity),
    );
    if (next === Infinity) return;
    const dueMs = Math.max(next * 1000, this.clock.now() + AT_LEAST_APART_MS);
    this.alarm = this.clock.alarm(dueMs, () => {
      this.alarm = undefined;
      this.sweeping = this.sweep().catch((error: unknown) => {
        this.log.error(
          'Cosmos DB look-alike: expired documents could not be removed; the next write tries again.',
          error,
        );
      });
    });
  }

  /** After it resolves nothing is swept any more; idempotent. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.alarm?.cancel();
    await this.sweeping;
  }

  private async sweep(): Promise<void> {
    const seconds = Math.floor(this.clock.now() / 1000);
    for (const { documents } of this.catalog.containers()) {
      // As many as there are: at a hundred orders a second, hundreds of documents expire in every second.
      while (!this.stopped && (await this.journal.write(() => documents.sweep(seconds, DOCUMENTS_AT_ONCE))));
    }
    this.arm();
  }
}
