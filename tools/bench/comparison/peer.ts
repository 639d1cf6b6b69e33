// Peer of this app (tools/bench/peers): its servers, and its own process that takes orders, against a platform process that
// has the services and the bus.
import { fork } from 'node:child_process';
import path from 'node:path';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { firstMessage } from '../harness/forked-server';
import { getJson, type OrderTarget, type PlacedOrder } from '../harness/order-target';
import { CHILD_STDIO, killed, startPlatform } from '../harness/platform-process';
import { createCluster, type Postgres } from './postgres';
import { createRestateServer, type RestateServer } from './restate-server';

export const PEERS = ['dbos', 'restate'] as const;
export type PeerName = (typeof PEERS)[number];

const FOLDER = path.resolve('tools/bench/peers');

interface Servers {
  readonly postgres: Postgres;
  readonly restate: RestateServer | undefined;
}

export interface Peer {
  /** Ends and starts what the peer keeps its data in. */
  startServers(): Promise<void>;
  stopServers(): Promise<void>;
  /** Starts the peer's own process; on the data of the last one. */
  startApp(): Promise<OrderTarget & { readonly stop: () => Promise<void> }>;
  /** Ends everything and removes the data. */
  remove(): Promise<void>;
}

/** A peer with its servers up. */
export async function preparePeer(name: PeerName): Promise<Peer> {
  const cluster = createCluster();
  const engine = name === 'restate' ? createRestateServer(FOLDER) : undefined;
  const platform = await startPlatform();
  let servers: Servers | undefined;
  const peer: Peer = {
    async startServers() {
      const [postgres, restate] = await Promise.all([cluster.start(), engine?.start()]);
      servers = { postgres, restate };
    },
    async stopServers() {
      await Promise.all([servers?.restate?.stop(), servers?.postgres.stop()]);
      servers = undefined;
    },
    startApp() {
      if (servers === undefined) throw new Error(`${name} has no servers.`);
      return startApp(name, platform, servers);
    },
    async remove() {
      await peer.stopServers();
      await platform.stop();
      engine?.remove();
      cluster.remove();
    },
  };
  try {
    await peer.startServers();
    return peer;
  } catch (error) {
    await peer.remove();
    throw error;
  }
}

type Platform = Awaited<ReturnType<typeof startPlatform>>;

async function startApp(
  name: PeerName,
  { urls, pid: platform }: Platform,
  { postgres, restate }: Servers,
): Promise<OrderTarget & { readonly stop: () => Promise<void> }> {
  const environment = {
    POSTGRES_URL: postgres.url,
    SERVICES_URL: urls.services,
    SERVICEBUS_CONNECTION: emulatorBusConnection(urls.servicebus),
    ...(restate && {
      RESTATE_INGRESS: restate.ingress,
      RESTATE_ADMIN: restate.admin,
      ENDPOINT_PORT: String(restate.endpointPort),
    }),
    // Of the SDK: it warns of what is as it should be on one machine.
    RESTATE_LOGGING: 'ERROR',
  };
  const env = { ...process.env, ...environment };
  const app = fork(path.join(FOLDER, `${name}.mjs`), [], { stdio: [...CHILD_STDIO], env });
  const port = await firstMessage<number>(app, name);
  const api = `http://127.0.0.1:${port}`;
  return {
    urls: { ...urls, api },
    pids: {
      app: app.pid ?? 0,
      ...(restate && { restate: restate.pid }),
      postgres: postgres.pid,
      platform,
    },
    isListed: async ({ orderId, customerId }: PlacedOrder) => {
      const list = await getJson<{ readonly orderId: string; readonly status: string }[]>(
        `${api}/api/orders?customerId=${customerId}`,
      );
      return list.some((order) => order.orderId === orderId && order.status === 'completed');
    },
    stop: () => killed(app),
  };
}
