// Options of a function host, given by the program that runs it.
import type { Worker } from 'node:worker_threads';
import type { Clock } from '../kit/clock';
import type { DurableClientBinding } from '../durable/contract';
import type { formatBanner } from './banner';
import type { HostJson } from './host-json';
import type { HostKeys } from '../kit/host-keys';
import type { HostLogger } from '../kit/log';
import type { HostExtension } from './request-handler';
import type { SignIn } from './sign-in';
import type { OutputKind } from './output-kind';
import type { Environment } from './settings';
import type { TimerStorage } from './timer-store';
import type { HostListener, TriggerKind } from './trigger-kind';

export interface FunctionHostOptions {
  /** The folder of the app's package.json. */
  readonly appRoot: string;
  /** The program of the app's thread: cli/app-worker.ts, built; or the thread that `launchAppThread` has started with it. */
  readonly appThread: string | Worker;
  readonly hostJson: HostJson;
  /** The app settings; the app itself reads `process.env`, so this is `process.env` unless a test says otherwise. */
  readonly environment: Environment;
  readonly timers: TimerStorage;
  readonly clock: Clock;
  readonly log: HostLogger;
  /** 0 takes a free one. */
  readonly port: number;
  /** Where users reach it, if not at this port: `http://127.0.0.1:<port>` of a balancer before it. */
  readonly publicUrl?: string;
  /** Mounted below their path at the public and at the internal address. */
  readonly extensions?: readonly HostExtension[];
  /** Started after the app is loaded and before the first request is answered, in order; closed in reverse. */
  readonly listeners?: readonly HostListener[];
  /** Triggers beside HTTP, timer and durable ones. */
  readonly triggers?: readonly TriggerKind[];
  /** Output bindings beside `http`. */
  readonly outputs?: readonly OutputKind[];
  /** Given: these keys are enforced; else none is. */
  readonly enforceKeys?: HostKeys;
  /** Before the HTTP functions; without it nobody is signed in. */
  readonly signIn?: SignIn;
  /** Given: durable functions and clients are served; the binding is asked for once, with the addresses in use. */
  readonly durable?: { clientBinding(urls: HostUrls): DurableClientBinding };
  /** For functions and the admin API; extensions have limits of their own. */
  readonly maxRequestBodyBytes?: number;
  /** How long `close` waits for requests in flight. */
  readonly drainMs?: number;
  /** What is printed of the functions once they run; `formatBanner` unless given. */
  readonly formatFunctions?: typeof formatBanner;
}

export interface HostUrls {
  /** `http://127.0.0.1:<port>`: the public address, which it hands out. */
  readonly url: string;
  /** Where it listens: the public address, unless that is a balancer's. */
  readonly ownUrl: string;
  /** Serves the extensions only, and until the very end (function-host.F3). */
  readonly internalUrl: string;
}
