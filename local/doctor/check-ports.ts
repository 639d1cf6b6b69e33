// Check of the ports that `npm start` would take.
import { createServer } from 'node:net';
import { listenOnLoopback, PortInUseError } from 'azure-local/kit/listen';
import type { RunFile } from 'azure-local/supervisor/run-file';
import type { StartOptions } from 'azure-local/supervisor/start-flags';
import { ok, problem, type Finding } from './finding';
import { holderOf } from './port-holder';
import { runningIn } from './running-in';

const CHECK = 'ports';

/** Tries every port; one that the system of this data folder holds is as it should be. */
export async function checkPorts(options: StartOptions): Promise<Finding[]> {
  const wanted = [
    ['--port', options.port],
    ['--services-port', options.servicesPort],
    ['--eventgrid-port', options.eventgridPort],
    ['--telemetry-port', options.telemetryPort],
    ['--cosmos-port', options.cosmosPort],
    ['--servicebus-port', options.servicebusPort],
  ] as const;
  const running = runningIn(options.dataDir);
  const ours = portsOf(running);
  const findings: Finding[] = [];
  for (const [flag, port] of wanted) {
    if (port !== 0 && !ours.has(port) && (await isTaken(port, flag))) findings.push(takenPort(port, flag));
  }
  if (findings.length > 0) return findings;
  const numbers = wanted.map(([, port]) => port).join(', ');
  return [
    ok(
      CHECK,
      running === undefined
        ? `${numbers} are free`
        : `the system runs: ${running.urls.api} (process ${running.pids.supervisor})`,
    ),
  ];
}

function portsOf(running: RunFile | undefined): ReadonlySet<number> {
  const urls: readonly string[] = running === undefined ? [] : Object.values(running.urls);
  return new Set(urls.map((url) => Number(new URL(url).port)));
}

async function isTaken(port: number, flag: string): Promise<boolean> {
  const server = createServer();
  try {
    await listenOnLoopback(server, port, 'doctor', flag);
    return false;
  } catch (error) {
    if (error instanceof PortInUseError) return true;
    throw error;
  } finally {
    server.close();
  }
}

function takenPort(port: number, flag: string): Finding {
  const holder = holderOf(port);
  return problem(
    CHECK,
    `port ${port} (${flag}) is held by ${holder ?? 'a program that cannot be named from here'}: npm start would end at once`,
    `End that program, or start with ${flag} <port>; 0 takes a free one.`,
  );
}
