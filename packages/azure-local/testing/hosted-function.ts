// Fixture: a registered function with one trigger and no handler of its own, for tests of a listener.
import type { HostedFunction } from '../src/host/hosted-function';

/** `name` is the function's; `triggerName` is that of the trigger's binding. */
export const hostedFunction = (
  name: string,
  triggerName: string,
  trigger: HostedFunction['trigger'],
): HostedFunction => ({
  ...{ name, triggerName, trigger },
  metadata: { name, bindings: {} },
  handler: () => undefined,
  clientInputs: [],
  isDisabled: false,
});
