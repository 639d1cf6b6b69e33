// Partial document update: parses the operations of a PATCH and applies them to a document.
// https://learn.microsoft.com/azure/cosmos-db/partial-document-update
import { CosmosError } from './protocol/errors';
import { isObject, own, type Json, type JsonObject } from './protocol/json';
import { parseCondition } from './sql/parse-query';
import { compileQuery, scopeOf } from './sql/query';

const OPERATORS = ['add', 'set', 'replace', 'remove', 'incr', 'move'] as const;
type Operator = (typeof OPERATORS)[number];

type Change = Exclude<Operator, 'move'>;

export type PatchOperation =
  | { readonly op: 'move'; readonly path: readonly string[]; readonly from: readonly string[] }
  | { readonly op: Change; readonly path: readonly string[]; readonly value: Json | undefined };

export interface Patch {
  readonly operations: readonly PatchOperation[];
  /** Whether the patch's condition (`FROM c WHERE …`) holds for the document as it is. */
  readonly holdsFor: (document: JsonObject) => boolean;
}

const OPERATIONS_AT_MOST = 10;
const SYSTEM_PROPERTIES = new Set(['id', '_rid', '_self', '_etag', '_ts', '_attachments']);

const refuse = (message: string): CosmosError => new CosmosError(400, message);

/** Reads `[…operations]` or `{ operations, condition? }`; what may not be patched is refused here. */
export function parsePatch(request: unknown, partitionKeyPaths: readonly (readonly string[])[]): Patch {
  const { operations, condition } = Array.isArray(request)
    ? { operations: request as Json, condition: undefined }
    : ((isObject(request) ? request : {}) as { operations?: Json; condition?: Json });
  if (!Array.isArray(operations) || operations.length === 0)
    throw refuse('A patch needs a list of operations that is not empty.');
  if (operations.length > OPERATIONS_AT_MOST)
    throw refuse(`A patch has at most ${OPERATIONS_AT_MOST} operations, this one has ${operations.length}.`);
  return {
    operations: operations.map((operation) => parseOperation(operation, partitionKeyPaths)),
    holdsFor: typeof condition === 'string' ? compileCondition(condition) : () => true,
  };
}

function compileCondition(condition: string): (document: JsonObject) => boolean {
  const query = compileQuery(parseCondition(condition));
  return (document) => {
    for (const row of query.rows(document))
      if (query.where === undefined || query.where(scopeOf(row, new Map())) === true) return true;
    return false;
  };
}

function parseOperation(operation: Json, partitionKeyPaths: readonly (readonly string[])[]): PatchOperation {
  if (!isObject(operation)) throw refuse('A patch operation is an object.');
  const name = operation.op;
  const op = OPERATORS.find((known) => known === name);
  if (op === undefined)
    throw refuse(`The patch operation ${JSON.stringify(name)} is not one of ${OPERATORS.join(', ')}.`);
  const path = parsePointer(operation.path);
  checkPatchable(path, partitionKeyPaths);
  if (op === 'move') {
    const from = parsePointer(operation.from);
    checkPatchable(from, partitionKeyPaths);
    return { op, path, from };
  }
  const { value } = operation;
  if (op === 'incr' && typeof value !== 'number') throw refuse('The value of incr must be a number.');
  if (value === undefined && op !== 'remove')
    throw refuse(`The patch operation ${op} on /${path.join('/')} has no value.`);
  return { op, path, value };
}

function parsePointer(pointer: Json | undefined): readonly string[] {
  if (typeof pointer !== 'string' || !pointer.startsWith('/') || pointer.length < 2)
    throw refuse(`A patch path is of the form /property/…, not ${JSON.stringify(pointer)}.`);
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function checkPatchable(path: readonly string[], partitionKeyPaths: readonly (readonly string[])[]): void {
  const isKey = partitionKeyPaths.some((key) =>
    key.every((step, at) => at >= path.length || step === path[at]),
  );
  if (isKey || SYSTEM_PROPERTIES.has(path[0] as string))
    throw refuse(`/${path.join('/')} is a system property or the partition key and cannot be patched.`);
}

/** Changes `document`, one operation after the other; a 400 that names the path of the first that cannot be done. */
export function applyPatch(document: JsonObject, operations: readonly PatchOperation[]): void {
  for (const operation of operations) {
    if (operation.op === 'move') move(document, operation.from, operation.path);
    else APPLY[operation.op](target(document, operation.path), operation.value);
  }
}

function move(document: JsonObject, from: readonly string[], path: readonly string[]): void {
  if (from.length < path.length && from.every((step, at) => step === path[at]))
    throw refuse(`Patch: /${from.join('/')} cannot be moved into itself.`);
  const source = target(document, from);
  const moved = current(source);
  APPLY.remove(source, undefined);
  APPLY.add(target(document, path), moved);
}

/** The place an operation speaks of: a property of an object, or an element of an array. */
interface Target {
  readonly parent: JsonObject | Json[];
  readonly key: string;
  readonly text: string;
}

function target(document: JsonObject, path: readonly string[]): Target {
  const text = `/${path.join('/')}`;
  let parent: Json | undefined = document;
  for (const step of path.slice(0, -1)) parent = child(parent, step);
  if (Array.isArray(parent) || isObject(parent)) return { parent, key: path.at(-1) as string, text };
  throw refuse(`Patch: ${text} has no parent: only a leaf below an existing object or array can be changed.`);
}

function child(parent: Json | undefined, step: string): Json | undefined {
  if (Array.isArray(parent)) return INDEX.test(step) ? parent[Number(step)] : undefined;
  return isObject(parent) ? own(parent, step) : undefined;
}

const INDEX = /^(?:0|[1-9]\d*)$/;

function current({ parent, key, text }: Target): Json {
  const value = child(parent, key);
  if (value === undefined) throw refuse(`Patch: there is nothing at ${text}.`);
  return value;
}

/** An index into the array that is at most `limit`. */
function position({ key, text }: Target, limit: number): number {
  if (!INDEX.test(key) || Number(key) > limit)
    throw refuse(`Patch: the array index of ${text} is not in 0 to ${limit}.`);
  return Number(key);
}

/** Defined, not assigned: a property named `__proto__` is one like any other. */
function assign(parent: JsonObject, key: string, value: Json): void {
  Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
}

type Apply = (target: Target, value: Json | undefined) => void;

const put =
  (overwrite: boolean): Apply =>
  (place, value) => {
    const { parent, key } = place;
    if (!Array.isArray(parent)) assign(parent, key, value as Json);
    else if (key === '-') parent.push(value as Json);
    else {
      const at = position(place, overwrite ? parent.length - 1 : parent.length);
      parent.splice(at, overwrite ? 1 : 0, value as Json);
    }
  };

const set = put(true);

const APPLY: Readonly<Record<Change, Apply>> = {
  add: put(false),
  set,
  replace(place, value) {
    current(place);
    set(place, value);
  },
  remove(place) {
    current(place);
    const { parent, key } = place;
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else Reflect.deleteProperty(parent, key);
  },
  incr(place, value) {
    const existing = child(place.parent, place.key) ?? 0;
    if (typeof existing !== 'number')
      throw refuse(`Patch: ${place.text} is not a number and cannot be incremented.`);
    set(place, existing + (value as number));
  },
};
