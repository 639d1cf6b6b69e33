// A broker look-alike in this process, and function hosts with the Service Bus fixture in processes of their own.
import { wallClock } from '../../src/kit/clock';
import { parseEntities } from '../../src/servicebus/entities';
import { createServiceBusServer, type ServiceBusServer } from '../../src/servicebus/server';
import { Journal } from '../../src/storage/journal';
import { until } from '../../src/kit/until';
import { startChild } from '../../testing/child-programs';
import { fixture, sendRequest, type Answer, type RequestOptions } from '../../testing/host-process';

export interface Broker {
  readonly connectionString: string;
  /** Stops it; `start` brings it back on its port with what it kept. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends it for good. */
  close(): Promise<void>;
}

export interface ServiceBusHost {
  /** Everything it has printed so far. */
  output(): string;
  request(target: string, options?: RequestOptions): Promise<Answer>;
  /** What the function has noted, once there are `count` entries. */
  seen<Entry>(name: string, count: number): Promise<readonly Entry[]>;
  /** Lets handlers go that wait at the gate. */
  open(gate: string): void;
  close(): Promise<void>;
  kill(): void;
}

/** A queue in the format of the official emulator. */
export function queue(name: string, properties: Readonly<Record<string, unknown>> = {}): object {
  return { Name: name, Properties: { MaxDeliveryCount: 3, LockDuration: 'PT30S', ...properties } };
}

export function topic(name: string, subscription: string): object {
  return {
    Name: name,
    Properties: {},
    Subscriptions: [{ Name: subscription, Properties: { MaxDeliveryCount: 3 }, Rules: [] }],
  };
}

/** Starts a broker on a free port. */
export async function startBroker(
  queues: readonly object[],
  topics: readonly object[] = [],
): Promise<Broker> {
  const clock = wallClock();
  const journal = new Journal(':memory:');
  const entities = parseEntities({
    UserConfig: { Namespaces: [{ Name: 'sbemulatorns', Queues: queues, Topics: topics }] },
  });
  const nothing = (): void => undefined;
  const log = { info: nothing, warn: nothing, error: nothing };
  let server: ServiceBusServer = createServiceBusServer({ journal, clock, log, entities });
  const address = await server.listen(0);
  return {
    connectionString: `Endpoint=sb://${address};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`,
    stop: () => server.close(),
    async start() {
      server = createServiceBusServer({ journal, clock, log, entities });
      await server.listen(Number(address.split(':')[1]));
    },
    async close() {
      await server.close();
      await journal.close();
    },
  };
}

/** Starts a host with these functions of the fixture; rejects with the sentence that it refused to start with. */
export async function startServiceBusHost(
  functions: readonly string[],
  settings: Readonly<Record<string, string>>,
  section: object = {},
): Promise<ServiceBusHost> {
  const { child, ready, output } = await startChild<{ url: string }>(
    'host/triggers-child',
    [fixture('host-servicebus'), JSON.stringify(section)],
    { FUNCTIONS: functions.join(), ...settings },
  );
  const request = (target: string, options?: RequestOptions): Promise<Answer> =>
    sendRequest(ready.url, target, options);
  return {
    output,
    request,
    seen: <Entry>(name: string, count: number) =>
      until(`${count} entries of ${name}`, async () => {
        const entries = JSON.parse((await request(`/seen/${name}`)).text) as readonly Entry[];
        return entries.length >= count && entries;
      }),
    open: (gate) => child.send({ open: gate }),
    close: () =>
      new Promise((resolve) => {
        child.once('message', () => resolve());
        child.send('close');
      }),
    kill: () => child.kill('SIGKILL'),
  };
}
