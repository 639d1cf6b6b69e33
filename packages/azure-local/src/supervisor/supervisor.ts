// Supervisor: the platform and the hosts as child processes, which begin in that order and are ended in reverse. It knows
// neither the app nor what the children serve, except the health address that says an order can be taken.
//
// supervisor.V1  One supervisor per data folder: it holds the folder's lock from before the first child until after the
//   last.
// supervisor.V2  A child keeps the ports of its first start; a restart may have to wait for them (supervised-child.C1)
//   but takes no others.
// supervisor.V3  run.json is there from readiness until the stop begins and names the processes that served last.
// supervisor.V4  Children end by themselves when their IPC channel closes, so a killed supervisor leaves nothing
//   behind.
// supervisor.V7  The hosts load their programs while the platform starts, and begin once it serves: what either cannot
//   start for is said as if they were started one after the other.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Clock } from '../kit/clock';
import { accessKeys } from './access-keys';
import { subscribeFunctions, type TopicDefinitions } from './event-grid-subscriptions';
import { awaitHealthy } from './health';
import { HostGroup, type HostPlace } from './host-group';
import { StartError } from './processes';
import type { ChildName, HostOptions, PlatformOptions, PlatformUrls } from './processes';
import { claimDataFolder, removeRunFile, writeRunFile } from './run-file';
import { hostEnvironment, readLocalSettings, type Settings } from './settings';
import type { StartOptions } from './start-flags';
import { SupervisedChild, type ChildSpec, type Launch } from './supervised-child';

/** What the supervisor has to know of the app that it runs. */
export interface SupervisedApp {
  /** App settings that point the app at the platform; `operatorToken` is new with every start. */
  settings(urls: PlatformUrls, operatorToken: string, dataDir: string): Settings;
  /** Lines for the terminal: where a person looks next. */
  nextSteps(api: string, urls: PlatformUrls): readonly string[];
  /** Whose subscriptions are made once the functions answer. */
  readonly topics: TopicDefinitions;
}

export interface SupervisorParts {
  readonly options: StartOptions;
  readonly app: SupervisedApp;
  /** Paths of the child programs, and of what Node loads before each. */
  readonly programs: Readonly<Record<'platform' | 'host', string> & { preload?: string }>;
  readonly clock: Clock;
  /** One line for the terminal. */
  readonly print: (line: string) => void;
  /** How long each child may take to finish what it has begun. */
  readonly drainMs: number;
}

/** A child that serves. */
interface Serving<Urls> {
  readonly urls: Urls;
  readonly pid: number;
}

export class Supervisor {
  private readonly platform: SupervisedChild<PlatformUrls>;
  private readonly hosts: HostGroup;
  private readonly life = new AbortController();
  private localSettings: Settings = {};
  /** Opens the operator routes of the app until this supervisor ends. */
  private readonly operatorToken = randomBytes(18).toString('base64url');
  private platformServing: Serving<PlatformUrls> | undefined;
  private isReady = false;

  constructor(private readonly parts: SupervisorParts) {
    this.platform = new SupervisedChild({
      ...this.supervision('platform'),
      launch: () => this.launchPlatform(),
      onReady: (urls, pid) => this.notePlatform({ urls, pid }),
    });
    this.hosts = new HostGroup({
      count: parts.options.hosts,
      port: parts.options.port,
      supervision: (name) => this.supervision(name),
      launch: (place) => this.launchHost(place),
      onServing: (api) => void this.becomeReady(api),
      onBack: (name, pid) => this.noteBack(name, pid),
    });
  }

  /**
   * Runs until `stop`, then resolves with all children gone. Prints `Ready: <url>` once, when an order can be taken.
   * @throws StartError when the folder, the port or a child cannot be had; then too all are gone.
   */
  async run(): Promise<void> {
    const { dataDir, useSettings, appRoot, keys } = this.parts.options;
    const lock = claimDataFolder(dataDir);
    // Between a crash and the restart nothing else keeps the process alive.
    const keepAlive = setInterval(() => undefined, 2 ** 30);
    try {
      removeRunFile(dataDir);
      if (useSettings) this.localSettings = readLocalSettings(appRoot);
      // Before the hosts, or each of several would make keys of its own.
      if (keys) accessKeys(dataDir);
      await this.hosts.open();
      this.parts.print('Starting the platform: look-alikes of Cosmos DB, Service Bus and Event Grid');
      this.platform.start();
      this.hosts.start();
      if (!this.life.signal.aborted) await once(this.life.signal, 'abort');
    } finally {
      removeRunFile(dataDir);
      await this.hosts.stop(this.parts.drainMs);
      await this.platform.stop(this.parts.drainMs);
      clearInterval(keepAlive);
      lock.release();
    }
    if (this.life.signal.reason instanceof StartError) throw this.life.signal.reason;
  }

  /** Asks `run` to end in order: the hosts finish what they have begun, then the platform goes. Idempotent. */
  stop(): void {
    this.life.abort();
  }

  /** Ends all children at once. */
  kill(): void {
    this.hosts.kill();
    this.platform.kill();
  }

  private notePlatform(platform: Serving<PlatformUrls>): void {
    const isFirst = this.platformServing === undefined;
    this.platformServing = platform;
    if (isFirst) {
      const { hosts } = this.parts.options;
      const what = hosts === 1 ? 'the function host' : `${hosts} function hosts`;
      this.parts.print(`Starting ${what}; operator token: ${this.operatorToken}`);
      this.hosts.begin(this.lateSettings());
    } else {
      this.noteBack('platform', platform.pid);
    }
  }

  private async becomeReady(api: string): Promise<void> {
    const { app, clock, print, options } = this.parts;
    if (this.platformServing === undefined) return;
    const { urls } = this.platformServing;
    const { signal } = this.life;
    const healthy = awaitHealthy(`${api}/api/health`, { clock, print, signal });
    // The host answers their validation, whatever the app's health says.
    const subscribed = subscribeFunctions(app.topics, {
      eventgrid: urls.eventgrid,
      api,
      code: options.keys ? accessKeys(options.dataDir).eventgrid : undefined,
      clock,
      signal,
    });
    for (const line of app.nextSteps(api, urls)) print(line);
    const [refusals] = await Promise.all([subscribed, healthy]);
    if (this.isEnding()) return;
    for (const refusal of refusals) print(refusal);
    this.isReady = true;
    this.publish();
    print(`Ready: ${api}`);
  }

  private isEnding(): boolean {
    return this.life.signal.aborted;
  }

  private noteBack(name: ChildName, pid: number): void {
    if (this.isReady) this.publish();
    this.parts.print(`${name} is back (process ${pid})`);
  }

  private publish(): void {
    const { platformServing: platform, hosts } = this;
    if (platform === undefined) return;
    try {
      writeRunFile(this.parts.options.dataDir, {
        pids: { supervisor: process.pid, platform: platform.pid, ...hosts.pids() },
        urls: { api: hosts.api, ...platform.urls, ...hosts.ownUrls() },
      });
    } catch (error) {
      // It informs and decides nothing; a full disk must not end what waits for space.
      this.parts.print(`run.json could not be written and may name processes of before: ${String(error)}`);
    }
  }

  private launchPlatform(): Launch {
    const { dataDir, appRoot, cosmosPort, servicesPort, servicebusPort, eventgridPort, telemetryPort } =
      this.parts.options;
    const urls = this.platformServing?.urls;
    const options: PlatformOptions = {
      dataDir,
      appRoot,
      cosmosPort: portOf(urls?.cosmos) ?? cosmosPort,
      servicesPort: portOf(urls?.services) ?? servicesPort,
      servicebusPort: portOf(urls?.servicebus) ?? servicebusPort,
      eventgridPort: portOf(urls?.eventgrid) ?? eventgridPort,
      telemetryPort: portOf(urls?.telemetry) ?? telemetryPort,
    };
    const { platform: program, preload } = this.parts.programs;
    return { program, preload, options, environment: process.env };
  }

  private launchHost(place: HostPlace): Launch {
    const { dataDir, otherApps, keys, storage, visibilityMs, verbose } = this.parts.options;
    const appRoot = otherApps[place.instance - 2] ?? this.parts.options.appRoot;
    const options: HostOptions = { dataDir, appRoot, keys, storage, visibilityMs, verbose, ...place };
    const { host: program, preload } = this.parts.programs;
    const isEarly = this.platformServing === undefined;
    const environment = this.settingsOn(this.platformServing);
    return { program, preload, isEarly, options, environment };
  }

  private settingsOn(platform: Serving<PlatformUrls> | undefined): NodeJS.ProcessEnv {
    const { app, options } = this.parts;
    const lookAlikes =
      platform === undefined ? {} : app.settings(platform.urls, this.operatorToken, options.dataDir);
    return hostEnvironment(process.env, lookAlikes, this.localSettings, options.settings);
  }

  /** What a host that was started before the platform served does not have in its environment yet. */
  private lateSettings(): NodeJS.ProcessEnv {
    const early = this.settingsOn(undefined);
    const all = Object.entries(this.settingsOn(this.platformServing));
    return Object.fromEntries(all.filter(([name, value]) => early[name] !== value));
  }

  private supervision(name: ChildName): Pick<ChildSpec<never>, 'name' | 'clock' | 'print' | 'onLost'> {
    const { clock, print } = this.parts;
    return { name, clock, print, onLost: (reason) => this.life.abort(reason) };
  }
}

function portOf(url: string | undefined): number | undefined {
  return url === undefined || url === '' ? undefined : Number(new URL(url).port);
}
