// Fixture: two function hosts on one hub and one store, each of which runs a release of its own and gets another one
// by SIGKILL and a restart. An app folder of a host is a link that a roll turns to another build.
import { mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { buildVariant, type Variant } from './app-builds';
import { crashSystem, type CrashSystem } from '../../tools/crash/system';

export type HostNumber = 1 | 2;

export interface RollingReleases {
  readonly system: RunningSystem;
  /** By way of the balancer, or of one host alone. */
  at(host?: HostNumber): CrashSystem;
  /** Kills this host and lets it come back with another build; resolves when it serves. */
  roll(host: HostNumber, release: Release): Promise<void>;
  close(): Promise<void>;
}

/** `this`: the build of this tree. */
export type Release = 'this' | Extract<Variant, 'learns-screening' | 'speaks-screening'>;

const VARIANTS = ['learns-screening', 'speaks-screening'] as const;

/** Starts both hosts on the build of this tree. */
export async function openReleases(
  settings: Readonly<Record<string, string>> = {},
): Promise<RollingReleases> {
  const folder = await mkdtemp(path.join(tmpdir(), 'order-saga-releases-'));
  for (const variant of VARIANTS) buildVariant(variant, path.join(folder, variant));
  const buildOf = (release: Release): string =>
    release === 'this' ? path.resolve('.') : path.join(folder, release);
  const appOf = (host: HostNumber): string => path.join(folder, `host-${host}`);
  const turn = async (host: HostNumber, release: Release): Promise<void> => {
    await symlink(buildOf(release), `${appOf(host)}.new`);
    await rename(`${appOf(host)}.new`, appOf(host));
  };
  for (const host of [1, 2] as const) await turn(host, 'this');
  const system = await startSystem({
    dataDir: path.join(folder, 'data'),
    // What a dead host had taken comes back within seconds and not within minutes.
    args: ['--hosts', '2', '--visibility', '5', '--app', appOf(1), '--app', appOf(2)],
    settings,
  });
  const nameOf = (host: HostNumber): 'host' | 'host-2' => (host === 1 ? 'host' : 'host-2');
  return {
    system,
    at(host) {
      const { urls } = system;
      return crashSystem({
        urls: host === undefined ? urls : { ...urls, api: urls[nameOf(host)] ?? urls.api },
      });
    },
    async roll(host, release) {
      await turn(host, release);
      await system.kill(nameOf(host));
      await system.recovered();
    },
    async close() {
      await system.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
