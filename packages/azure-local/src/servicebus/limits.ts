// Limits of the tier of the deployed namespace. The tier is that of infra/modules/service-bus.bicep (a test compares),
// so that what is accepted here is accepted there.

/** The tier whose limits hold here. */
export const TIER = 'Standard';

const KILOBYTE = 1024;
const MESSAGE_KILOBYTES = { Standard: 256, Premium: 1024 } as const;

/** One message, or one batch: all sections together, as encoded. Announced on links, too. */
export const MESSAGE_BYTES_AT_MOST = MESSAGE_KILOBYTES[TIER] * KILOBYTE;

/** All of a message but its body. */
export const HEADER_BYTES_AT_MOST = 64 * KILOBYTE;

/** What the broker adds to a message that it hands over: annotations, a reason for dead letters. */
export const DELIVERED_BYTES_AT_MOST = MESSAGE_BYTES_AT_MOST + HEADER_BYTES_AT_MOST;

/** A request to `$management` may schedule messages. */
export const REQUEST_BYTES_AT_MOST = 1024 * KILOBYTE;

/** Characters of ids that the service keeps an index of: message, session, partition. */
export const ID_CHARACTERS_AT_MOST = 128;

/** Characters of names. */
export const NAME_CHARACTERS_AT_MOST = { entity: 260, subscription: 50, rule: 50 } as const;

export type NamedKind = keyof typeof NAME_CHARACTERS_AT_MOST;

/** @throws Error for a name that is longer than the service allows. */
export function checkNameLength(name: string, kind: NamedKind, { path }: { readonly path: string }): void {
  const most = NAME_CHARACTERS_AT_MOST[kind];
  if (name.length > most)
    throw new Error(`${path}.Name has ${name.length} characters: the name of a ${kind} has at most ${most}.`);
}
