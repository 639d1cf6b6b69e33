// PostgreSQL of a peer: a cluster of its own in a temporary folder, on loopback, with the settings that the package has
// (so with fsync). PostgreSQL refuses to run as root: then it runs as the user `postgres`.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ended, freePort, said } from './child-process';

export interface Postgres {
  /** A database that is empty at first. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const PACKAGES = '/usr/lib/postgresql';
const USER = 'bench';

/** Where the newest version's programs are. */
function programs(): string {
  const versions = existsSync(PACKAGES) ? readdirSync(PACKAGES) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined)
    throw new Error(`There is no PostgreSQL below ${PACKAGES}: apt-get install -y postgresql`);
  return path.join(PACKAGES, newest, 'bin');
}

/** Whom it runs as: nobody else, unless this is root. */
function runsAs(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** A new cluster; `start` may be called again after `stop`, on the same data. */
export function createCluster(): { start(): Promise<Postgres>; remove(): void } {
  const bin = programs();
  const owner = runsAs();
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-postgres-'));
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const environment = { ...process.env, LC_ALL: 'C' };
  const options = { cwd: folder, env: environment, ...owner };
  const data = path.join(folder, 'data');
  const flags = ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--no-instructions'];
  execFileSync(path.join(bin, 'initdb'), flags, { ...options, stdio: 'ignore' });
  let isCreated = false;
  return {
    async start() {
      const port = await freePort();
      const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'log_checkpoints=off'];
      const server = spawn(
        path.join(bin, 'postgres'),
        ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
        { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
      );
      await said(server, server.stderr, /ready to accept connections/, 'PostgreSQL');
      const where = ['-h', '127.0.0.1', '-p', String(port), '-U', USER];
      if (!isCreated) execFileSync(path.join(bin, 'createdb'), [...where, 'orders'], options);
      isCreated = true;
      return {
        url: `postgres://${USER}@127.0.0.1:${port}/orders`,
        pid: server.pid ?? 0,
        stop: () => ended(server, 'SIGINT'),
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
