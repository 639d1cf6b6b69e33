// Fixture: the Service Bus that the contract suites are pointed at.
import { target } from './contract-target';
import { connectServiceBus } from './servicebus-emulator';
import { openServiceBus, type ServiceBus } from './servicebus-fixture';

/** A look-alike with these entities, unless AZURE_EMULATORS names another server, which is given them. */
export function openServiceBusTarget(entities: unknown): Promise<ServiceBus> {
  const { servicebus, management } = target;
  return servicebus === undefined || management === undefined
    ? openServiceBus(entities)
    : connectServiceBus({ servicebus, management }, entities);
}
