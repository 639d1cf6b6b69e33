// Adapter by which the durable engine runs orchestrators, activities and entities of the app by name. It knows no
// history.
import type { DurableFunctionInvoker, DurableFunctionKind } from '../durable/contract';
import { JsonText } from '../durable/json-text';
import type { TypedData } from './core-types';
import { durableKindOf } from './durable-triggers';
import type { HostedFunction } from './hosted-function';
import type { Invoke } from './invocation';
import { textData } from './text-data';

const INPUT_COPY = 'data';

/** `enabled` are the enabled functions by name. */
export function createDurableInvoker(
  enabled: ReadonlyMap<string, HostedFunction>,
  invoke: Invoke,
): DurableFunctionInvoker {
  const find = (name: string): HostedFunction | undefined => enabled.get(name);
  const kindOf = (name: string): DurableFunctionKind | undefined => {
    const fn = find(name);
    return fn === undefined ? undefined : durableKindOf(fn.trigger);
  };
  return {
    kindOf,
    entities: () => [...enabled.keys()].filter((name) => kindOf(name) === 'entity'),
    async invoke(name, triggerData, metadata) {
      const fn = find(name);
      if (fn === undefined) throw new Error(`The app has no durable function ${name}.`);
      const event = {
        data: triggerData === undefined ? undefined : textData(triggerData),
        metadata: toTriggerMetadata(kindOf(name), metadata),
        reason: '(null)',
      };
      const { returned = null } = await invoke(fn, event);
      if (returned === null) return undefined;
      // The engine keeps the result of an activity as the text that it is.
      return kindOf(name) === 'activity' ? new JsonText(returned) : (JSON.parse(returned) as unknown);
    },
  };
}

/**
 * The platform adds the input twice more, under the binding's name and as `data`. The SDK parses and copies each at
 * every call, which doubled the cost of an activity; the handler has the input as its first argument. An orchestrator
 * is recorded without any.
 */
function toTriggerMetadata(
  kind: DurableFunctionKind | undefined,
  metadata: Record<string, unknown>,
): Record<string, TypedData> | undefined {
  if (kind === 'orchestrator') return undefined;
  const typed: Record<string, TypedData> = {};
  for (const [name, value] of Object.entries(metadata)) {
    if (name !== INPUT_COPY)
      typed[name] = typeof value === 'string' ? textData(value) : { json: JSON.stringify(value) };
  }
  return typed;
}
