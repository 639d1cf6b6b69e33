// Catalog of the account's databases and containers: rows on disk, and a copy in memory that every request looks up.
//
// cosmos-catalog.C1  A definition is changed in memory only in the `journal.write` that changes its row, after the row.
import type { Clock } from '../kit/clock';
import type { Journal } from '../storage/journal';
import { Container, parseContainerDefinition } from './container';
import { DocumentTable } from './document-table';
import { CosmosError, conflict, notFound } from './protocol/errors';
import { checkId, containerRid, databaseRid, documentEtag, ridText } from './identifiers';
import type { Resource } from './message';
import type { JsonObject } from './protocol/json';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS cosmos_databases (
    database INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, resource TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS cosmos_containers (
    container INTEGER PRIMARY KEY AUTOINCREMENT, database INTEGER NOT NULL, id TEXT NOT NULL, resource TEXT NOT NULL,
    lsn INTEGER NOT NULL DEFAULT 0, indexes TEXT NOT NULL DEFAULT '[]', UNIQUE (database, id));`;

export interface Database {
  readonly database: number;
  readonly id: string;
  readonly resource: JsonObject;
  readonly containers: Map<string, Container>;
}

export class Catalog {
  private readonly databases = new Map<string, Database>();

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {
    journal.schema(SCHEMA);
    const containers = journal.statement(
      'SELECT container, id, resource FROM cosmos_containers WHERE database = ?',
    );
    for (const { database, id, resource } of journal
      .statement('SELECT database, id, resource FROM cosmos_databases')
      .all<{ database: number; id: string; resource: string }>()) {
      const loaded = this.keepDatabase(database, id, JSON.parse(resource) as JsonObject);
      for (const row of containers.all<{ container: number; id: string; resource: string }>(database))
        this.keepContainer(loaded, row.container, row.id, JSON.parse(row.resource) as JsonObject);
    }
  }

  list(): readonly Database[] {
    return [...this.databases.values()];
  }

  /** The database of that id, or 404. */
  database(id: string): Database {
    const found = this.databases.get(id);
    if (found === undefined) throw notFound();
    return found;
  }

  /** The container of that id, or 404 with the service's word for "the owner is missing". */
  container(databaseId: string, id: string): Container {
    const found = this.databases.get(databaseId)?.containers.get(id);
    if (found === undefined)
      throw new CosmosError(404, `Owner resource does not exist: dbs/${databaseId}/colls/${id}`, 1003);
    return found;
  }

  /** The resource with the names of its database and container where its path has their `_rid`s; a name goes first. */
  byName(resource: Resource): Resource {
    const [dbs, databaseRid, colls, rid, ...more] = resource.segments;
    if (resource.ridLink === undefined || this.databases.has(databaseRid ?? '')) return resource;
    const database = this.list().find((one) => one.resource._rid === databaseRid);
    if (dbs === undefined || database === undefined) return resource;
    if (colls === undefined || rid === undefined)
      return { ...resource, segments: [dbs, database.id, ...resource.segments.slice(2)] };
    const container = [...database.containers.values()].find((one) => one.rid === rid);
    return { ...resource, segments: [dbs, database.id, colls, container?.id ?? rid, ...more] };
  }

  /** Every container of the account. */
  *containers(): Generator<Container> {
    for (const { containers } of this.databases.values()) yield* containers.values();
  }

  createDatabase({ id }: JsonObject): Promise<Database> {
    return this.journal.write(() => {
      checkId(id);
      if (this.databases.has(id)) throw conflict();
      this.journal.statement("INSERT INTO cosmos_databases (id, resource) VALUES (?, '')").run(id);
      const database = this.lastId();
      const rid = ridText(databaseRid(database));
      const resource = {
        id,
        _rid: rid,
        _self: `dbs/${rid}/`,
        _etag: documentEtag(0, database),
        _colls: 'colls/',
        _users: 'users/',
        _ts: this.seconds(),
      };
      this.journal
        .statement('UPDATE cosmos_databases SET resource = ? WHERE database = ?')
        .run(JSON.stringify(resource), database);
      return this.keepDatabase(database, id, resource);
    });
  }

  deleteDatabase(id: string): Promise<void> {
    return this.journal.write(() => {
      const { database, containers } = this.database(id);
      for (const container of [...containers.values()]) this.drop(container);
      this.journal.statement('DELETE FROM cosmos_databases WHERE database = ?').run(database);
      this.databases.delete(id);
    });
  }

  createContainer(databaseId: string, body: JsonObject): Promise<Container> {
    return this.journal.write(() => {
      const owner = this.database(databaseId);
      const { id } = body;
      checkId(id);
      if (owner.containers.has(id)) throw conflict();
      const definition = parseContainerDefinition(body);
      this.journal
        .statement("INSERT INTO cosmos_containers (database, id, resource) VALUES (?, ?, '')")
        .run(owner.database, id);
      const container = this.lastId();
      const rid = ridText(containerRid(owner.database, container));
      const resource = {
        ...definition,
        _rid: rid,
        _self: `dbs/${ridText(databaseRid(owner.database))}/colls/${rid}/`,
        _etag: documentEtag(container, 0),
        _docs: 'docs/',
        _sprocs: 'sprocs/',
        _triggers: 'triggers/',
        _udfs: 'udfs/',
        _conflicts: 'conflicts/',
        _ts: this.seconds(),
      };
      this.journal
        .statement('UPDATE cosmos_containers SET resource = ? WHERE container = ?')
        .run(JSON.stringify(resource), container);
      DocumentTable.create(this.journal, container);
      return this.keepContainer(owner, container, id, resource);
    });
  }

  deleteContainer(databaseId: string, id: string): Promise<void> {
    return this.journal.write(() => {
      const container = this.database(databaseId).containers.get(id);
      if (container === undefined) throw notFound();
      this.drop(container);
    });
  }

  private drop({ identity, id, documents }: Container): void {
    documents.drop();
    this.journal.statement('DELETE FROM cosmos_containers WHERE container = ?').run(identity.container);
    this.databases.get(identity.databaseId)?.containers.delete(id);
  }

  private keepDatabase(database: number, id: string, resource: JsonObject): Database {
    const kept = { database, id, resource, containers: new Map<string, Container>() };
    this.databases.set(id, kept);
    return kept;
  }

  private keepContainer(owner: Database, container: number, id: string, resource: JsonObject): Container {
    const identity = { database: owner.database, databaseId: owner.id, container };
    const kept = new Container(identity, id, resource, new DocumentTable(this.journal, container));
    owner.containers.set(id, kept);
    return kept;
  }

  private lastId(): number {
    return this.journal.statement('SELECT last_insert_rowid() AS id').get<{ id: number }>()?.id ?? 0;
  }

  private seconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }
}
