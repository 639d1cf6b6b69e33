// Generators of resource ids, etags and session tokens in the service's formats. The SDK checks that a container's
// `_rid` has eight bytes and treats the rest as opaque.
import { CosmosError } from './protocol/errors';

const toText = (bytes: Buffer): string => bytes.toString('base64').replaceAll('/', '-');

/** Four bytes for a database. */
export function databaseRid(database: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(database);
  return bytes;
}

/** The database's four bytes and four of its own, the top bit set. */
export function containerRid(database: number, container: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(database);
  bytes.writeUInt32BE((0x80000000 | container) >>> 0, 4);
  return bytes;
}

/** The container's eight bytes and eight of its own. */
export function documentRid(container: Buffer, document: number): string {
  const bytes = Buffer.allocUnsafe(16);
  container.copy(bytes);
  bytes.writeUInt32LE(document >>> 0, 8);
  bytes.writeUInt32LE(Math.floor(document / 2 ** 32), 12);
  return toText(bytes);
}

export const ridText = toText;

const DATABASE_RID = /^[A-Za-z0-9+-]{5}[AQgw]==$/;

/** Whether a text may be the resource id of a database: four bytes. A name may look the same. */
export const isDatabaseRid = (text: string | undefined): boolean =>
  text !== undefined && DATABASE_RID.test(text);

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** The etag of the version written at `lsn`, with the quotes it has in `_etag` and in the header. */
export const documentEtag = (container: number, lsn: number): string =>
  `"${hex(container, 8)}-0000-0000-0000-${hex(lsn, 12)}"`;

const ILLEGAL_IN_ID = /[/\\?#]/;
const HALF_A_PAIR = /\p{Surrogate}/u;

/** Characters of the id of a database or a container. */
const RESOURCE_ID_CHARACTERS_AT_MOST = 255;
const DOCUMENT_ID_BYTES_AT_MOST = 1_023;

/** Refuses what the service refuses in the id of a database or a container. */
export function checkId(id: unknown): asserts id is string {
  checkCharacters(id);
  if (id.length > RESOURCE_ID_CHARACTERS_AT_MOST)
    throw new CosmosError(400, `The id is longer than ${RESOURCE_ID_CHARACTERS_AT_MOST} characters.`);
}

/** Refuses what the service refuses in the id of a document. */
export function checkDocumentId(id: unknown): asserts id is string {
  checkCharacters(id);
  const bytes = Buffer.byteLength(id);
  if (bytes > DOCUMENT_ID_BYTES_AT_MOST)
    throw new CosmosError(
      400,
      `The id has ${bytes} bytes in UTF-8, over the limit of ${DOCUMENT_ID_BYTES_AT_MOST} bytes.`,
    );
}

function checkCharacters(id: unknown): asserts id is string {
  if (typeof id !== 'string' || id === '')
    throw new CosmosError(
      400,
      "The input content is invalid because the required properties - 'id; ' - are missing",
    );
  if (ILLEGAL_IN_ID.test(id))
    throw new CosmosError(400, `Id contains illegal chars: '${id}' may not hold any of / \\ ? #`);
  if (HALF_A_PAIR.test(id))
    throw new CosmosError(400, 'The id holds half of a surrogate pair, which is not a Unicode character.');
}
