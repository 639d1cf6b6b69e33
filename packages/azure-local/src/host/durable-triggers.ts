// Trigger types of durable functions.
import type { DurableFunctionKind } from '../durable/contract';
import type { Binding } from './core-types';

const KINDS: ReadonlyMap<string, DurableFunctionKind> = new Map([
  ['orchestrationtrigger', 'orchestrator'],
  ['activitytrigger', 'activity'],
  ['entitytrigger', 'entity'],
]);

/** The binding types of durable functions, in lower case. */
export const DURABLE_TRIGGERS: readonly string[] = [...KINDS.keys()];

/** Undefined for a trigger of another type. */
export const durableKindOf = ({ type }: Binding): DurableFunctionKind | undefined =>
  KINDS.get(type.toLowerCase());
