// Operations on one document: create, read, replace, upsert, patch, delete. Each runs inside a `journal.write` (or a
// read), alone or as a step of a batch. A refusal is thrown as a CosmosError, and the journal rolls back.
//
// cosmos-documents.D1  The etag is compared and the new version written in the same `journal.write`: of two writers
//   with one etag, one gets 412.
import { createCharge, deleteCharge, readCharge, REFUSED_CHARGE, replaceCharge } from './charge';
import type { Container } from './container';
import type { StoredDocument } from './document-table';
import { CosmosError, conflict, notFound, preconditionFailed, tooLarge } from './protocol/errors';
import { checkDocumentId } from './identifiers';
import type { JsonObject } from './protocol/json';
import type { DocumentAddress, LaggingReplica } from './lagging-replica';
import { partitionKeyMismatch, partitionKeyOf } from './partition-key';
import { sessionHeaders } from './message';
import { applyPatch, parsePatch } from './patch';

/** Where and when. */
export interface Place {
  readonly container: Container;
  /** Absent: no replica is behind. */
  readonly replica?: LaggingReplica;
  /** The partition key, as JSON text. */
  readonly pk: string;
  readonly seconds: number;
}

export interface Outcome {
  readonly status: 200 | 201 | 204 | 304;
  readonly body?: string;
  readonly etag?: string;
  readonly charge: number;
  /** Of a read that a replica has answered which is behind. */
  readonly asOfLsn?: number;
}

export const DOCUMENT_BYTES_AT_MOST = 2 * 1024 * 1024;

function find({ container, pk, seconds }: Place, id: string): StoredDocument {
  const found = container.documents.find(pk, id, seconds);
  if (found === undefined) throw notFound();
  return found;
}

const addressOf = ({ container, pk }: Place, id: string): DocumentAddress => ({
  container: container.id,
  rid: container.rid,
  pk,
  id,
});

function checkEtag({ container }: Place, found: StoredDocument, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === '*') return;
  const etag = container.etagOf(found.lsn);
  if (ifMatch !== etag && `"${ifMatch}"` !== etag) throw preconditionFailed();
}

function checkDocument({ container, pk }: Place, document: JsonObject): string {
  const { id } = document;
  checkDocumentId(id);
  if (partitionKeyOf(document, container.partitionKeyPaths) !== pk) throw partitionKeyMismatch();
  return id;
}

/** Seals and stores a version: a new document, or the next version of `found`. */
function store(place: Place, document: JsonObject, found: StoredDocument | undefined): Outcome {
  const { container, pk, seconds } = place;
  const id = checkDocument(place, document);
  const table = container.documents;
  const expires = container.expiryOf(document, seconds);
  const [lsn, rid] = [table.takeLsn(), found?.rid ?? table.takeRid()];
  const body = container.seal(document, rid, lsn, seconds);
  const bytes = Buffer.byteLength(body);
  if (bytes > DOCUMENT_BYTES_AT_MOST) throw tooLarge();
  const version = { pk, id, lsn, seconds, expires, document, body };
  const etag = container.etagOf(lsn);
  place.replica?.note(addressOf(place, id), lsn, found);
  if (found !== undefined) {
    table.replace(rid, version);
    return { status: 200, body, etag, charge: replaceCharge(bytes) };
  }
  if (!table.insert(rid, version)) throw conflict();
  return { status: 201, body, etag, charge: createCharge(bytes) };
}

/** `session` is the token that the reader shows; without one a replica that is behind may answer. */
export function readDocument(
  place: Place,
  id: string,
  { ifNoneMatch, session }: { readonly ifNoneMatch?: string; readonly session?: string } = {},
): Outcome {
  const { container, pk, seconds, replica } = place;
  const stored = container.documents.find(pk, id, seconds);
  const { document, asOfLsn } = replica?.seen(addressOf(place, id), stored, session) ?? { document: stored };
  const asOf = asOfLsn === undefined ? {} : { asOfLsn };
  if (document === undefined) throw notFound().with(sessionHeaders(container, asOfLsn));
  const { lsn, body } = document;
  const etag = place.container.etagOf(lsn);
  if (ifNoneMatch === etag || ifNoneMatch === '*')
    return { status: 304, etag, charge: REFUSED_CHARGE, ...asOf };
  return { status: 200, body, etag, charge: readCharge(Buffer.byteLength(body)), ...asOf };
}

export const createDocument = (place: Place, document: JsonObject): Outcome =>
  store(place, document, undefined);

/** An `ifMatch` holds for a document that is there; one that is not is created, as the service does. */
export function upsertDocument(place: Place, document: JsonObject, ifMatch?: string): Outcome {
  const found = place.container.documents.find(place.pk, checkDocument(place, document), place.seconds);
  if (found !== undefined) checkEtag(place, found, ifMatch);
  return store(place, document, found);
}

export function replaceDocument(place: Place, id: string, document: JsonObject, ifMatch?: string): Outcome {
  const found = find(place, id);
  checkEtag(place, found, ifMatch);
  if (document.id !== id)
    throw new CosmosError(400, `The id of a document cannot be changed from '${id}' by a replace.`);
  return store(place, document, found);
}

/** Applies a patch to the stored version; its condition, if it has one, is a precondition (412). */
export function patchDocument(place: Place, id: string, request: unknown, ifMatch?: string): Outcome {
  const patch = parsePatch(request, place.container.partitionKeyPaths);
  const found = find(place, id);
  checkEtag(place, found, ifMatch);
  const document = JSON.parse(found.body) as JsonObject;
  if (!patch.holdsFor(document)) throw preconditionFailed();
  applyPatch(document, patch.operations);
  return store(place, document, found);
}

export function deleteDocument(place: Place, id: string, ifMatch?: string): Outcome {
  const found = find(place, id);
  checkEtag(place, found, ifMatch);
  const lsn = place.container.documents.takeLsn();
  place.replica?.note(addressOf(place, id), lsn, found);
  place.container.documents.remove(found.rid);
  return { status: 204, charge: deleteCharge(Buffer.byteLength(found.body)) };
}
