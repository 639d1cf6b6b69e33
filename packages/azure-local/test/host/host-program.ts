// The program of the function host, alone (a supervised one leaves signals to its supervisor), with access keys as on the
// platform.
import { spawn, type ChildProcess } from 'node:child_process';
import { hostProgram, MODULES } from '../../testing/child-programs';
import { sendRequest, type Answer } from '../../testing/host-process';

export interface HostProgram {
  readonly url: string;
  request(target: string, method?: string, body?: string): Promise<Answer>;
  kill(signal: NodeJS.Signals): void;
  /** Leaves it without the supervisor that it was started under. */
  orphan(): void;
  /** Exit code; null after a signal. */
  readonly ended: Promise<number | null>;
}

const children = new Set<ChildProcess>();

/** Ends what the tests of a file have started. */
export function killPrograms(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Starts it; `supervised` as a supervisor does, with an IPC channel. */
export async function startProgram(
  appRoot: string,
  dataDir: string,
  { supervised = false } = {},
): Promise<HostProgram> {
  const options = JSON.stringify({ dataDir, appRoot, port: 0, keys: true });
  const child = spawn(process.execPath, [hostProgram(), options], {
    env: { PATH: process.env['PATH'], NODE_PATH: MODULES },
    stdio: ['ignore', 'ignore', 'pipe', ...(supervised ? (['ipc'] as const) : [])],
  });
  children.add(child);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  void ended.then(() => children.delete(child));
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', ({ urls }: { readonly urls?: { readonly api: string } }) => {
      if (urls !== undefined) resolve(urls.api);
    });
    child.stderr?.on('data', () => {
      const [, api] = /^host: api (\S+)$/m.exec(said) ?? [];
      if (api !== undefined) resolve(api);
    });
    void ended.then(() => reject(new Error(said)));
  });
  return {
    url,
    request: (target, method = 'GET', body) =>
      sendRequest(url, target, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body }),
      }),
    kill: (signal) => child.kill(signal),
    orphan: () => child.disconnect(),
    ended,
  };
}
