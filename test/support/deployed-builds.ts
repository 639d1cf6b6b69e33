// Builds of the app that take over one data folder from each other, each started where the last one was killed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { buildVariant, type Variant } from './app-builds';
import { crashSystem, type CrashSystem } from '../../tools/crash/system';

export interface Deployments {
  /** Builds a variant of the app; the folder to deploy. */
  build(variant: Variant): string;
  /** Kills what runs, and starts the app in this folder over the same data. */
  deploy(app: string): Promise<CrashSystem>;
  /** The origin of what runs: the API, and the durable management API. */
  api(): string;
  close(): Promise<void>;
}

export async function openDeployments(): Promise<Deployments> {
  const folder = await mkdtemp(path.join(tmpdir(), 'order-saga-builds-'));
  let system: RunningSystem | undefined;
  return {
    build(variant) {
      const app = path.join(folder, variant);
      buildVariant(variant, app);
      return app;
    },
    async deploy(app) {
      await system?.kill('all');
      system = await startSystem({
        dataDir: path.join(folder, 'data'),
        args: ['--app', app],
        settings: {
          OrderProcessing__ReconcileAfterSeconds: '1',
          // What a service that was away has opened is not to outlast the test's patience when it is back.
          OrderProcessing__BreakerOpenSeconds: '1',
        },
      });
      return crashSystem(system);
    },
    api: () => system?.urls.api ?? '',
    async close() {
      await system?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
