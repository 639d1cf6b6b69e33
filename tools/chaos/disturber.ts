// Executor of a plan's disturbances on a running system.
//
// disturber.D1  Kills come one after another, each on processes that serve: a plan that is ahead of a slow machine
//   waits.
// disturber.D2  Faults of services and store are the union of the windows that are open; the store forgets them when it
//   is killed, so they are put in force again.
// disturber.D3  When `play` has resolved nothing is disturbed any more, and everything has been started once more from
//   its data.
import { until } from 'azure-local/kit/until';
import { isAlive } from 'azure-local/supervisor/process-life';
import type { ChaosSystem } from './chaos-system';
import { repeatDeliveries } from './deliveries';
import { ask, pause, putJson } from './http-client';
import { PROXIED_SERVICES, type Disturbance, type Plan } from './plan';

export interface Disturber {
  /** What was done so far, by kind. */
  readonly counts: Readonly<Record<string, number>>;
  play(plan: Pick<Plan, 'disturbances' | 'durationMs'>): Promise<void>;
  /** Causes nothing more, whatever `play` still has to do. */
  end(): void;
}

type Of<Kind extends Disturbance['kind']> = Extract<Disturbance, { kind: Kind }>;
type Victim = 'host' | 'platform' | 'all';

const UP_WITHIN_MS = 90_000;
/** The supervisor gives up a child at its tenth crash within a minute. */
const CRASHES_AT_MOST = 7;
const CRASH_WINDOW_MS = 60_000;

export function createDisturber(system: ChaosSystem): Disturber {
  const counts: Record<string, number> = {};
  const services = createFaultWindows(`${system.urls.services}/control/faults`);
  const store = createFaultWindows(`${system.urls.cosmos}/_lookalike/faults`);
  const killer = createKiller(system.running, async () => {
    await Promise.all([services.putAgain(), store.putAgain()]);
  });
  let kills: Promise<void> = Promise.resolve();
  let isOver = false;

  async function cause(disturbance: Disturbance): Promise<void> {
    switch (disturbance.kind) {
      case 'services':
        return services.during(disturbance.forMs, disturbance.rules);
      case 'cosmos':
        return store.during(disturbance.forMs, disturbance.rules);
      case 'network':
        return trouble(system, disturbance);
      case 'deliveries':
        await repeatDeliveries(system.urls, disturbance);
        return undefined;
      case 'clock':
        system.setClocks(disturbance);
        return undefined;
      case 'stop':
        return (kills = kills.then(() => (isOver ? undefined : killer.stop())));
      default:
        return (kills = kills.then(() => (isOver ? undefined : killer.kill(disturbance.what))));
    }
  }

  return {
    counts,
    async play({ disturbances, durationMs }) {
      const startedMs = performance.now();
      const at = (atMs: number): Promise<void> => pause(Math.max(0, atMs - (performance.now() - startedMs)));
      await Promise.all([
        at(durationMs),
        ...disturbances.map(async (disturbance) => {
          await at(disturbance.atMs);
          if (isOver) return;
          await cause(disturbance);
          counts[disturbance.kind] = (counts[disturbance.kind] ?? 0) + 1;
        }),
      ]);
      for (const name of PROXIED_SERVICES) system.proxies[name].heal();
      // Event times decide what is newest in the inventory view: the platform's clock ends where it was furthest.
      system.setClocks({ hostMs: 0, platformMs: latestClock(disturbances) });
      await killer.startOver();
    },
    end() {
      isOver = true;
      for (const name of PROXIED_SERVICES) system.proxies[name].heal();
    },
  };
}

function latestClock(disturbances: readonly Disturbance[]): number {
  return Math.max(
    0,
    ...disturbances.map((disturbance) => (disturbance.kind === 'clock' ? disturbance.platformMs : 0)),
  );
}

interface Killer {
  kill(victim: Victim): Promise<void>;
  stop(): Promise<void>;
  /** A stop in order and a start on the same data. */
  startOver(): Promise<void>;
}

function createKiller(running: ChaosSystem['running'], onBack: () => Promise<void>): Killer {
  const crashes: { what: string; atMs: number }[] = [];

  const isUp = (): boolean => isAlive(running.pids.host) && isAlive(running.pids.platform);
  const recent = (what: string): number =>
    crashes.filter((crash) => crash.what === what && crash.atMs > performance.now() - CRASH_WINDOW_MS).length;

  async function startOver(): Promise<void> {
    crashes.length = 0;
    await running.restart();
  }

  return {
    async stop() {
      await until('host and platform serve before they are stopped', isUp, UP_WITHIN_MS);
      await startOver();
      await onBack();
    },
    async kill(what) {
      await until(`host and platform serve before SIGKILL to ${what}`, isUp, UP_WITHIN_MS);
      if (what === 'all') {
        await running.kill('all');
        await startOver();
      } else {
        await until(`${what} may crash again`, () => recent(what) < CRASHES_AT_MOST, UP_WITHIN_MS);
        const pid = running.pids[what];
        await running.kill(what);
        crashes.push({ what, atMs: performance.now() });
        await until(`${what} has ended`, () => !isAlive(pid), UP_WITHIN_MS);
        await until(`${what} serves again`, isUp, UP_WITHIN_MS);
      }
      await onBack();
    },
    startOver,
  };
}

interface FaultWindows {
  during(forMs: number, rules: readonly unknown[]): Promise<void>;
  putAgain(): Promise<void>;
}

function createFaultWindows(url: string): FaultWindows {
  const open = new Set<readonly unknown[]>();
  const putAgain = async (): Promise<void> => {
    await ask(url, putJson([...open].flat()));
  };
  return {
    async during(forMs, rules) {
      open.add(rules);
      await putAgain();
      await pause(forMs);
      open.delete(rules);
      await putAgain();
    },
    putAgain,
  };
}

async function trouble({ proxies }: ChaosSystem, { forMs, trouble: how }: Of<'network'>): Promise<void> {
  const proxy = proxies[how.proxy];
  if (how.how === 'slow') proxy.slow(how.delayMs);
  else if (how.how === 'shut') proxy.shut();
  else proxy.cut();
  if (how.how === 'cut') return;
  await pause(forMs);
  proxy.heal();
}
