// What the host keeps of a registered function: its trigger with settings resolved, and whether the host can run it.
import { HostStartError, notSimulated } from './errors';
import type { RegisteredFunction } from './core-module';
import type { Binding, FunctionHandler, FunctionMetadata } from './core-types';
import { isDisabled, resolveSettings, type Environment } from './settings';

export interface HostedFunction {
  readonly name: string;
  /** As registered: what the SDK is given back. */
  readonly metadata: FunctionMetadata;
  readonly handler: FunctionHandler;
  /** With `%NAME%` resolved. */
  readonly trigger: Binding;
  readonly triggerName: string;
  /** Names of its `durableClient` inputs. */
  readonly clientInputs: readonly string[];
  readonly isDisabled: boolean;
}

export const DURABLE_CLIENT = 'durableClient';

/** The binding types that something in this host serves; `http` is the one output. */
export interface ServedBindings {
  readonly triggers: readonly string[];
  readonly inputs: readonly string[];
}

/**
 * Takes over what the app registered.
 * @throws HostStartError for the first function that would not run here; a disabled one is not looked at.
 */
export function hostFunctions(
  registered: Iterable<RegisteredFunction>,
  environment: Environment,
  served: ServedBindings,
): readonly HostedFunction[] {
  return Array.from(registered, ({ metadata, handler }) => {
    const { name, bindings } = metadata;
    const found = Object.entries(bindings).find(([, binding]) => isTrigger(binding));
    if (found === undefined)
      throw new HostStartError(`Function ${name} has no trigger: register it with one.`);
    const [triggerName, trigger] = found;
    const isOff = isDisabled(environment, name);
    if (!isOff) checkBindings(metadata, served);
    return {
      name,
      metadata,
      handler,
      trigger: isOff ? trigger : resolveSettings(trigger, environment, name),
      triggerName,
      clientInputs: Object.entries(bindings).flatMap(([key, binding]) =>
        isDurableClient(binding) ? [key] : [],
      ),
      isDisabled: isOff,
    };
  });
}

/** Compares binding types as the platform does, without case. */
export function isOfType(binding: Binding, type: string): boolean {
  return binding.type.toLowerCase() === type.toLowerCase();
}

function checkBindings({ name, bindings, retryOptions }: FunctionMetadata, served: ServedBindings): void {
  for (const binding of Object.values(bindings)) {
    const isOneOf = (types: readonly string[]): boolean => types.some((type) => isOfType(binding, type));
    const { type, direction } = binding;
    if (isTrigger(binding)) {
      if (!isOneOf(served.triggers)) throw notSimulated(`The trigger ${type}`, name);
    } else if (direction === 'out') {
      if (!isOneOf(['http'])) throw notSimulated(`The output binding ${type}`, name);
    } else if (!isOneOf(served.inputs)) {
      throw notSimulated(`The input binding ${type}`, name);
    }
  }
  if (retryOptions !== undefined) throw notSimulated('A retry policy of a function', name);
}

function isTrigger(binding: Binding): boolean {
  return /trigger$/i.test(binding.type);
}

function isDurableClient(binding: Binding): boolean {
  return isOfType(binding, DURABLE_CLIENT);
}
