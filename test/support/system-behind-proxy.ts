// Fixture: a system whose app reaches the broker through a TCP proxy, so that the broker can be away while the order
// store is there.
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { openTcpProxy, type TcpProxy } from 'azure-local/testing/tcp-proxy';

export interface SystemBehindProxy {
  readonly system: RunningSystem;
  readonly broker: TcpProxy;
  stop(): Promise<void>;
}

/** One start tells where the broker is, the next goes by the door, with these settings besides. */
export async function startSystemBehindProxy(
  settings: Readonly<Record<string, string>> = {},
): Promise<SystemBehindProxy> {
  const first = await startSystem();
  const { port } = new URL(first.urls.servicebus.replace('sb:', 'http:'));
  await first.stop();
  const broker = await openTcpProxy(`127.0.0.1:${port}`);
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
