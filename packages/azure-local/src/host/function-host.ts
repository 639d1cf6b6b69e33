// Function host: loads a built Functions app and runs its triggers. This file wires; each part is a file of its own.
//
// function-host.F1  One app per process: the SDK keeps its registrations in module variables.
// function-host.F2  A request that arrives while the host starts waits until everything that it may need runs.
// function-host.F3  On `close` the public listener goes first, then what is in flight is finished, then the listeners
//   behind it; the internal address stays until the end, so that a handler in flight still reaches the durable engine.
import { createEnding, type Ending } from '../kit/ending';
import type { DurableFunctionInvoker } from '../durable/contract';
import { createAppRuntime, type AppRuntime } from './app-runtime';
import { formatBanner } from './banner';
import type { HostedFunction } from './hosted-function';
import type { FunctionHostOptions, HostUrls } from './host-options';
import { writeEmpty } from './http-response';
import { startHttpServer, type RunningHttpServer } from './http-server';
import { createExtensionHandler, type RequestHandler } from './request-handler';
import type { HostListener } from './trigger-kind';

export interface FunctionHost {
  /**
   * Loads the app, opens the listener and starts every trigger; logs the banner.
   * @throws HostStartError, or PortInUseError; then nothing is left running.
   */
  start(): Promise<HostUrls>;
  /** Drains and stops (function-host.F3), naming what it waits for. Idempotent; the Journal stays the caller's. */
  close(ending?: Ending): Promise<void>;
  /** Empty until the host is started; disabled ones are in it. */
  readonly functions: readonly HostedFunction[];
  /** The engine's way into the app; usable once `start` has loaded it. */
  readonly durableInvoker: DurableFunctionInvoker;
}

const DEFAULT_DRAIN_MS = 10_000;
const CATEGORY = 'Host.Startup';

export function createFunctionHost(options: FunctionHostOptions): FunctionHost {
  return new LocalFunctionHost(options);
}

class LocalFunctionHost implements FunctionHost {
  readonly durableInvoker: DurableFunctionInvoker = {
    kindOf: (name) => this.loaded().durableInvoker.kindOf(name),
    entities: () => this.loaded().durableInvoker.entities(),
    invoke: (name, data, metadata) => this.loaded().durableInvoker.invoke(name, data, metadata),
  };
  private runtime: AppRuntime | undefined;
  private publicServer: RunningHttpServer | undefined;
  private internalServer: RunningHttpServer | undefined;
  /** Started triggers: they take in work and are closed first. */
  private readonly intake = new Map<string, HostListener>();
  /** Started listeners of the options, the last one first: what is in flight may need them. */
  private readonly backing: HostListener[] = [];
  private closed: Promise<void> | undefined;

  constructor(private readonly options: FunctionHostOptions) {}

  get functions(): readonly HostedFunction[] {
    return this.runtime?.functions ?? [];
  }

  async start(): Promise<HostUrls> {
    try {
      return await this.open();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  close(ending = createEnding()): Promise<void> {
    this.closed ??= this.shutDown(ending);
    return this.closed;
  }

  private async open(): Promise<HostUrls> {
    const { log, hostJson, port, publicUrl, extensions = [], listeners = [] } = this.options;
    for (const warning of hostJson.warnings) log.write('warning', CATEGORY, warning);
    const gate = createGate();
    this.publicServer = await this.serve(port, 'the function host', gate.handle);
    const toExtension = createExtensionHandler(extensions);
    this.internalServer = await this.serve(0, 'its internal address', async (request, response) => {
      const extended = toExtension(request, response);
      if (extended === undefined) writeEmpty(response, 404);
      else await extended;
    });
    const ownUrl = `http://${this.publicServer.host}`;
    const url = publicUrl ?? ownUrl;
    const urls = { url, ownUrl, internalUrl: `http://${this.internalServer.host}` };
    // The durable SDK puts it into the addresses it hands out, and rewrites each of them when it is missing.
    process.env['WEBSITE_HOSTNAME'] = new URL(url).host;
    const runtime = await createAppRuntime(this.options, urls);
    this.runtime = runtime;
    for (const listener of listeners) {
      this.backing.unshift(listener);
      await listener.start();
    }
    for (const [type, listener] of runtime.listeners) {
      this.intake.set(type, listener);
      await listener.start();
    }
    gate.open(runtime.handle);
    const { formatFunctions = formatBanner } = this.options;
    log.print(formatFunctions(runtime.functions, urls.url, hostJson.routePrefix));
    // Before the caller tells anybody that it has started.
    log.flush();
    return urls;
  }

  private async shutDown(ending: Ending): Promise<void> {
    const { drainMs = DEFAULT_DRAIN_MS, log } = this.options;
    const intake = Array.from(this.intake, ([type, listener]) =>
      within(drainMs, ending.waitFor(`the functions with a ${type}`, listener.close())),
    );
    await this.publicServer?.close(this.runtime === undefined ? 0 : drainMs);
    await Promise.all(intake);
    for (const listener of this.backing) await ending.waitFor('the durable engine', listener.close());
    await this.internalServer?.close(0);
    await this.runtime?.terminate(ending);
    log.flush();
  }

  private serve(port: number, purpose: string, handle: RequestHandler): Promise<RunningHttpServer> {
    return startHttpServer({
      port,
      purpose,
      flag: '--port',
      handle,
      onError: (error) =>
        this.options.log.write('error', 'Host.Http', 'A request could not be answered.', error),
    });
  }

  private loaded(): AppRuntime {
    if (this.runtime === undefined) throw new Error('The function host has not loaded the app yet.');
    return this.runtime;
  }
}

/** Holds requests back until the host can answer them (function-host.F2). */
function createGate(): { readonly handle: RequestHandler; open(handler: RequestHandler): void } {
  let handler: RequestHandler | undefined;
  let open: (handler: RequestHandler) => void = () => undefined;
  const opened = new Promise<RequestHandler>((resolve) => (open = resolve));
  return {
    handle: async (request, response) => (handler ?? (await opened))(request, response),
    open(given) {
      handler = given;
      open(given);
    },
  };
}

/** Resolves with `work`, or without it when the time is over. */
function within(ms: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(resolve, ms);
    work.finally(() => clearTimeout(deadline)).then(resolve, reject);
  });
}
