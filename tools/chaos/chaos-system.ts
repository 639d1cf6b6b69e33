// System under test of a chaos run: its own, on ports that stay, with TCP proxies between the app and everything that
// it talks to, and clocks that can be set. Clients and invariants bypass the proxies.
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { DEMO_OPERATOR_TOKEN } from '../../local/demo/system-client';
import { lookAlikeSettings } from '../../local/app-settings';
import type { Settings } from 'azure-local/supervisor/settings';
import { storageArgs } from 'azure-local/testing/storage-args';
import { openFaultyProxy, type FaultyProxy } from './faulty-proxy';
import { PROXIED_SERVICES, type PlanRequest, type ProxiedService } from './plan';
import type { Random } from './random';

export interface ChaosSystem {
  readonly running: RunningSystem;
  readonly urls: RunningSystem['urls'];
  readonly proxies: Readonly<Record<ProxiedService, FaultyProxy>>;
  readonly dataDir: string;
  /** How far the clocks of the two processes are from the machine's. */
  setClocks(shift: { readonly hostMs: number; readonly platformMs: number }): void;
  /** Ends it; the data folder stays, with what it said in `output.log`. */
  stop(): Promise<void>;
}

/**
 * Outages are short here, so breakers are tried again soon; one attempt of a compensation that is cut off leaves an
 * intervention, which is right and hides what else may be wrong.
 */
const SETTINGS = {
  'OrderProcessing:BreakerOpenSeconds': '0.5',
  'OrderProcessing:CompensationMaxAttempts': '4',
  'OrderProcessing:ReconcileAfterSeconds': '3',
  'OrderProcessing:OperatorToken': DEMO_OPERATOR_TOKEN,
  // Who answers does so in time; what nobody answers is to end within the run.
  'OrderProcessing:ApprovalTimeoutMinutes': '0.15',
};

/** It starts among faults and cut connections, with everything that is unfinished. */
const READY_WITHIN_MS = 90_000;

const PORTS = ['port', 'services-port', 'cosmos-port', 'servicebus-port', 'eventgrid-port'] as const;

/** Starts it in a folder of its own. `random` chooses ports, which stay through every restart. */
export async function startChaosSystem(
  random: Random,
  { storage, mode = 'orchestration' }: Pick<PlanRequest, 'storage' | 'mode'>,
): Promise<ChaosSystem> {
  const ports = await freePorts(random);
  const of = (name: (typeof PORTS)[number]): string => `127.0.0.1:${ports[name]}`;
  const proxies: Record<ProxiedService, FaultyProxy> = {
    cosmos: await openFaultyProxy(of('cosmos-port')),
    servicebus: await openFaultyProxy(of('servicebus-port')),
    services: await openFaultyProxy(of('services-port')),
    eventgrid: await openFaultyProxy(of('eventgrid-port')),
  };
  const dataDir = mkdtempSync(path.join(tmpdir(), 'chaos-'));
  const clockFile = path.join(dataDir, 'clocks.json');
  const running = await startSystem({
    dataDir: path.join(dataDir, 'system'),
    args: [...PORTS.flatMap((name) => [`--${name}`, String(ports[name])]), ...storageArgs(storage)],
    settings: {
      ...SETTINGS,
      'OrderProcessing:SagaMode': mode,
      ...throughProxies(proxies, path.join(dataDir, 'system')),
    },
    readyWithinMs: READY_WITHIN_MS,
    environment: {
      NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --require ${path.resolve('tools/chaos/clock-shift.cjs')}`,
      CHAOS_CLOCK_FILE: clockFile,
    },
  });
  return {
    running,
    urls: running.urls,
    proxies,
    dataDir,
    setClocks(shift) {
      writeFileSync(`${clockFile}.new`, JSON.stringify(shift));
      renameSync(`${clockFile}.new`, clockFile);
    },
    async stop() {
      for (const name of PROXIED_SERVICES) proxies[name].heal();
      await running.stop();
      writeFileSync(path.join(dataDir, 'output.log'), running.output());
      await Promise.all(PROXIED_SERVICES.map((name) => proxies[name].close()));
    },
  };
}

function throughProxies(proxies: Readonly<Record<ProxiedService, FaultyProxy>>, systemDir: string): Settings {
  const urls = {
    cosmos: `http://${proxies.cosmos.host}`,
    services: `http://${proxies.services.host}`,
    servicebus: `sb://${proxies.servicebus.host}`,
    eventgrid: `http://${proxies.eventgrid.host}`,
  };
  return lookAlikeSettings(urls, undefined, systemDir);
}

/** Below the range from which a kernel takes ports for outgoing connections, so that nobody has them after a kill. */
async function freePorts(random: Random): Promise<Record<(typeof PORTS)[number], number>> {
  const ports: Record<string, number> = {};
  for (const name of PORTS) {
    let port: number;
    do port = random.between(15_000, 31_000);
    while (Object.values(ports).includes(port) || !(await isFree(port)));
    ports[name] = port;
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listenOnLoopback(server, port, 'a free port', '--port');
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
