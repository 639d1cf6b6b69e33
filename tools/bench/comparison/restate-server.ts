// Restate server of a peer: the binary that its npm package brings, with its data in a temporary folder, on loopback; two
// partitions for two cores, everything else as it is by itself (so with fsync).
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { answers, ended, freePort } from './child-process';

export interface RestateServer {
  readonly ingress: string;
  readonly admin: string;
  /** For the process that it calls; the same after a restart. */
  readonly endpointPort: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export function createRestateServer(peers: string): { start(): Promise<RestateServer>; remove(): void } {
  const binary = `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`;
  const program = path.join(peers, 'node_modules', binary);
  if (!existsSync(program)) throw new Error(`${program} is missing: npm ci --prefix ${peers}`);
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-restate-'));
  const endpoint = freePort();
  return {
    async start() {
      const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()];
      const server = spawn(program, ['--no-logo', '--node-name', 'bench', '--base-dir', folder], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          DO_NOT_TRACK: '1',
          RESTATE_LISTEN_MODE: 'tcp',
          RESTATE_LOG_FILTER: 'error,octocrab=off',
          RESTATE_DEFAULT_NUM_PARTITIONS: '2',
          RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
          RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
          RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
        },
      });
      const urls = { ingress: `http://127.0.0.1:${ingress}`, admin: `http://127.0.0.1:${admin}` };
      await answers(`${urls.admin}/health`, 'Restate');
      await answers(`${urls.ingress}/restate/health`, 'Restate');
      return {
        ...urls,
        endpointPort: await endpoint,
        pid: server.pid ?? 0,
        stop: () => ended(server, 'SIGTERM'),
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
