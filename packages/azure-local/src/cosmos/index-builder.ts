// Background builder of secondary indexes: enters documents a few at a time, so that other requests are served
// between.
//
// index-builder.X1  From the moment an index exists every write keeps its own document's entry; the builder adds the
//   older ones.
// index-builder.X2  An index is used only when it is complete; one that a stop left half-built is completed after the
//   next start.
import type { HostLog } from '../kit/host-log';
import type { Journal } from '../storage/journal';
import type { Catalog } from './catalog';
import type { Container } from './container';
import { CosmosError } from './protocol/errors';
import type { IndexShape } from './indexes';

/** A container of that size gets its index in one go: the query that asked for it took as long. */
const DOCUMENTS_AT_FIRST = 5000;
const DOCUMENTS_AT_ONCE = 500;

export class IndexBuilder {
  private readonly building = new Map<Container, Promise<void>>();
  private stopped = false;

  constructor(
    private readonly journal: Journal,
    private readonly catalog: Catalog,
    private readonly log: HostLog,
  ) {}

  /** Completes what a stop left half-built. */
  resume(): void {
    for (const container of this.catalog.containers()) this.build(container);
  }

  /** Sees to it that the container has an index of that shape before long, unless it has as many as it may. */
  async want(container: Container, shape: IndexShape): Promise<void> {
    if (await this.journal.write(() => container.documents.addIndex(shape))) this.build(container);
  }

  /** As `want`; resolves when the index is complete, with false when the container gets none of that shape. */
  async complete(container: Container, shape: IndexShape): Promise<boolean> {
    await this.want(container, shape);
    while (container.documents.indexFor(shape) === undefined) {
      const built = this.building.get(container);
      if (this.stopped) throw new CosmosError(503, 'The service is going down.');
      if (built === undefined) return false;
      await built;
    }
    return true;
  }

  /** After it resolves nothing is built any more; idempotent. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.building.values());
  }

  private build(container: Container): void {
    if (this.building.has(container)) return;
    const built = this.fill(container)
      .catch((error: unknown) => {
        this.log.error(
          `Cosmos DB look-alike: no index could be built for ${container.id}; queries go on without.`,
          error,
        );
      })
      .finally(() => this.building.delete(container));
    this.building.set(container, built);
  }

  private async fill({ id, documents }: Container): Promise<void> {
    for (let limit = DOCUMENTS_AT_FIRST; !this.stopped; limit = DOCUMENTS_AT_ONCE) {
      const take = limit;
      const done = await this.journal.write(() => documents.fillIndex(take));
      if (done === undefined) return;
      if (done !== null)
        this.log.info(`Cosmos DB look-alike: ${id} now has an index on ${JSON.stringify(done)}.`);
    }
  }
}
