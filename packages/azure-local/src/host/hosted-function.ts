// Registered function as the host keeps it: its trigger with settings resolved, and whether the host can run it.
import { HostStartError, notSimulated } from './errors';
import type { Binding, FunctionMetadata } from './core-types';
import type { HostedOutput, OutputKind } from './output-kind';
import { parseRetryPolicy, type RetryPolicy } from './retry-policy';
import { isDisabled, resolveSettings, type Environment } from './settings';

export interface HostedFunction {
  readonly name: string;
  /** As registered. */
  readonly metadata: FunctionMetadata;
  /** With `%NAME%` resolved. */
  readonly trigger: Binding;
  readonly triggerName: string;
  /** Names of its `durableClient` inputs. */
  readonly clientInputs: readonly string[];
  /** Beside `http`; undefined for none. */
  readonly outputs?: readonly HostedOutput[];
  readonly isDisabled: boolean;
  /** How its trigger runs it again when it fails. */
  readonly retryPolicy?: RetryPolicy;
}

export const DURABLE_CLIENT = 'durableClient';

/** The bindings that something in this host serves; the output `http` is served always. */
export interface ServedBindings {
  readonly triggers: readonly string[];
  readonly inputs: readonly string[];
  readonly outputs: readonly OutputKind[];
  /** Those of `triggers` that obey a retry policy. */
  readonly retried: readonly string[];
}

/**
 * Takes over what the app registered.
 * @throws HostStartError for the first function that would not run here; a disabled one is not looked at.
 */
export function hostFunctions(
  registered: Iterable<FunctionMetadata>,
  environment: Environment,
  served: ServedBindings,
): readonly HostedFunction[] {
  return Array.from(registered, (metadata) => {
    const { name, bindings } = metadata;
    const found = Object.entries(bindings).find(([, binding]) => isTrigger(binding));
    if (found === undefined)
      throw new HostStartError(`Function ${name} has no trigger: register it with one.`);
    const [triggerName, trigger] = found;
    const isOff = isDisabled(environment, name);
    if (!isOff) checkBindings(metadata, served);
    const outputs = isOff ? [] : bindOutputs(metadata, environment, served);
    return {
      name,
      metadata,
      trigger: isOff ? trigger : resolveSettings(trigger, environment, name),
      triggerName,
      clientInputs: Object.entries(bindings).flatMap(([key, binding]) =>
        isDurableClient(binding) ? [key] : [],
      ),
      ...(outputs.length === 0 ? {} : { outputs }),
      isDisabled: isOff,
      ...(isOff || isNone(metadata.retryOptions)
        ? {}
        : { retryPolicy: parseRetryPolicy(name, metadata.retryOptions) }),
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
      if (!isNone(retryOptions) && !isOneOf(served.retried)) throw noRetries(type, name);
    } else if (direction === 'out') {
      if (!isOneOf(['http', ...served.outputs.map((kind) => kind.type)]))
        throw notSimulated(`The output binding ${type}`, name);
    } else if (!isOneOf(served.inputs)) {
      throw notSimulated(`The input binding ${type}`, name);
    }
  }
}

function bindOutputs(
  { name, bindings }: FunctionMetadata,
  environment: Environment,
  { outputs }: ServedBindings,
): readonly HostedOutput[] {
  return Object.entries(bindings).flatMap(([key, binding]) => {
    const kind =
      binding.direction === 'out' ? outputs.find(({ type }) => isOfType(binding, type)) : undefined;
    if (kind === undefined) return [];
    return [{ name: key, send: kind.bind(name, resolveSettings(binding, environment, name)) }];
  });
}

function isNone(retryOptions: unknown): boolean {
  return retryOptions === undefined || retryOptions === null;
}

function noRetries(type: string, name: string): HostStartError {
  return new HostStartError(
    `Function ${name} has a retry policy, but its trigger is a ${type}: the platform keeps retry policies for timer, ` +
      'Cosmos DB, Event Hubs and Kafka triggers only, and this host for the first two. Remove "retry" from its registration; ' +
      'a queue or a subscription delivers a message again by itself, up to its maximum delivery count.',
  );
}

function isTrigger(binding: Binding): boolean {
  return /trigger$/i.test(binding.type);
}

function isDurableClient(binding: Binding): boolean {
  return isOfType(binding, DURABLE_CLIENT);
}
