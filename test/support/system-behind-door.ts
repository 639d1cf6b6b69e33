// Fixture: a system whose app reaches the broker through a TCP proxy, so that the broker can be away while the order
// store is there.
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { openTcpDoor, type TcpDoor } from 'azure-local/testing/tcp-door';

export interface SystemBehindDoor {
  readonly system: RunningSystem;
  readonly broker: TcpDoor;
  stop(): Promise<void>;
}

/** One start tells where the broker is, the next goes by the door, with these settings besides. */
export async function startSystemBehindDoor(
  settings: Readonly<Record<string, string>> = {},
): Promise<SystemBehindDoor> {
  const first = await startSystem();
  const { port } = new URL(first.urls.servicebus.replace('sb:', 'http:'));
  await first.stop();
  const broker = await openTcpDoor(`127.0.0.1:${port}`);
  const system = await startSystem({
    args: ['--servicebus-port', port],
    settings: {
      ServiceBusConnection: emulatorBusConnection(`sb://${broker.host}`),
      'OrderProcessing:BreakerOpenSeconds': '1',
      ...settings,
    },
  });
  return {
    system,
    broker,
    async stop() {
      await broker.shut();
      await system.stop();
    },
  };
}
