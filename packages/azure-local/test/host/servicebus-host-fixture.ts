// A broker, a function host with functions of the Service Bus fixture on it, and a sender and onlooker beside them, for one
// test file.
import { removeChildren } from '../../testing/child-programs';
import { openPlaces, type Places } from './servicebus-places';
import { startBroker, startServiceBusHost, type Broker, type ServiceBusHost } from './servicebus-process';

export interface ServiceBusHostFixture {
  readonly broker: Broker;
  readonly places: Places;
  readonly host: ServiceBusHost;
  /** Ends all of it, and every other host that the file has started. */
  close(): Promise<void>;
}

export interface FixtureOptions {
  readonly queues: readonly object[];
  readonly topics?: readonly object[];
  readonly functions: readonly string[];
}

/** Opens a fixture; the function `Manual` listens to the queue `manual`. */
export async function openServiceBusFixture({
  queues,
  topics = [],
  functions,
}: FixtureOptions): Promise<ServiceBusHostFixture> {
  const broker = await startBroker(queues, topics);
  const places = openPlaces(broker.connectionString);
  const host = await startServiceBusHost(functions, { Bus: broker.connectionString, ManualQueue: 'manual' });
  return {
    ...{ broker, places, host },
    async close() {
      await places.client.close();
      removeChildren();
      await broker.close();
    },
  };
}
