// The sockets on which processes listen, as the kernel of Linux lists them: also those that no configuration names.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Listener {
  /** In the kernel's form: `0100007F` is 127.0.0.1. */
  readonly address: string;
  readonly port: number;
}

export const LOOPBACK = '0100007F';
const LISTENING = '0A';

/** Empty where there is no /proc. */
export function listenersOf(pids: readonly number[]): Listener[] {
  const inodes = new Set(pids.flatMap(socketsOf));
  return ['tcp', 'tcp6'].flatMap((table) =>
    linesOf(`/proc/net/${table}`).flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      return state === LISTENING && inodes.has(inode) ? [{ address, port: Number.parseInt(port, 16) }] : [];
    }),
  );
}

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return namesIn(folder).flatMap((name) => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(linkOf(`${folder}/${name}`)) ?? [];
    return inode === undefined ? [] : [inode];
  });
}

/** What ends meanwhile has none. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(1);
  } catch {
    return [];
  }
}
