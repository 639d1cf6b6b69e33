// Fixture: a registered function with one trigger, for tests of a listener.
import type { HostedFunction } from '../src/host/hosted-function';

/** A worker for listeners that tell it no arguments. */
export const noWorker = { addArguments: (): void => undefined };

/** `name` is the function's; `triggerName` is that of the trigger's binding. */
export const hostedFunction = (
  name: string,
  triggerName: string,
  trigger: HostedFunction['trigger'],
): HostedFunction => ({
  ...{ name, triggerName, trigger },
  metadata: { name, bindings: {} },
  clientInputs: [],
  isDisabled: false,
});
