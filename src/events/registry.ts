// Registry of event types, their versions and schemas. A version that its readers could not take is
// refused with the reason. Knows no event by name.
import { z } from 'zod';
import { isCompatible, type JsonSchema } from './compatibility';
import type { Upcast } from './upcasters';

/** One version of a type, offered to the registry. */
export interface EventVersion {
  readonly type: string;
  readonly version: number;
  readonly data: z.ZodType;
  /** From the version before to this one; without it this one must be compatible with the one before. */
  readonly upcast?: Upcast | undefined;
}

export interface RegisteredVersion extends EventVersion {
  /** What a whole event of this version must be. */
  readonly schema: z.ZodType;
}

export type Registration =
  { readonly kind: 'registered' } | { readonly kind: 'refused'; readonly reasons: readonly string[] };

export interface EventRegistry {
  /**
   * Takes in the first or the next version of a type, or puts a compatible one in the place of the same version.
   * Whatever would break readers is refused and changes nothing.
   */
  register(offer: EventVersion): Registration;
  /** The versions of a type from 1 on, without a gap; undefined when the type is not known. */
  versionsOf(type: string): readonly RegisteredVersion[] | undefined;
  types(): readonly string[];
}

/** An empty registry; `whole` makes the schema of a whole event from that of its payload. */
export function createEventRegistry(whole: (offer: EventVersion) => z.ZodType): EventRegistry {
  const types = new Map<string, RegisteredVersion[]>();
  return {
    register(offer) {
      const versions = types.get(offer.type) ?? [];
      const reasons = refusalReasons(offer, versions);
      if (reasons.length > 0) return { kind: 'refused', reasons };
      versions[offer.version - 1] = { ...offer, schema: whole(offer) };
      types.set(offer.type, versions);
      return { kind: 'registered' };
    },
    versionsOf: (type) => types.get(type),
    types: () => [...types.keys()],
  };
}

function refusalReasons(
  { type, version, data, upcast }: EventVersion,
  versions: readonly RegisteredVersion[],
): readonly string[] {
  const next = versions.length + 1;
  if (!Number.isInteger(version) || version < 1 || version > next)
    return [`${type} has ${versions.length} versions: the next is ${next}, not ${version}`];
  const before = version === next ? versions.at(-1) : versions[version - 1];
  if (before === undefined || (version === next && upcast !== undefined)) return [];
  const compared = isCompatible(jsonSchemaOf(before.data), jsonSchemaOf(data));
  if (compared.compatible) return [];
  const remedy =
    version === next
      ? `give version ${version} an upcaster from ${before.version}`
      : `leave version ${version} as it is and register version ${next} with an upcaster`;
  return compared.reasons.map((reason) => `${type} ${version}: ${reason}; ${remedy}`);
}

/** What a writer must hold to; a reader takes more (unknown fields are left out). */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' });
}
