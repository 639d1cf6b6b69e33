// Types of the processes of `npm start` and of the messages between them.
import type { StorageMode } from '../durable/hub';

/** The function hosts: `host`, and with `--hosts 3` also `host-2` and `host-3`. */
export type HostName = 'host' | `host-${number}`;

/** The programs under supervision. */
export type ChildName = 'platform' | HostName;

export type ProcessName = 'supervisor' | ChildName;

/** The name of the host with this number; the first is 1. */
export const hostName = (instance: number): HostName => (instance === 1 ? 'host' : `host-${instance}`);

/** Where the platform listens. */
export interface PlatformUrls {
  /** Of the services that an app simulates beside the look-alikes; empty where it simulates none. */
  readonly services: string;
  readonly cosmos: string;
  /** `sb://<host>:<port>`. */
  readonly servicebus: string;
  readonly eventgrid: string;
  /** Where traces are taken in: the endpoint of OTLP over HTTP. */
  readonly telemetry: string;
}

/** Where users reach the function hosts. */
export interface HostUrls {
  readonly api: string;
}

/** What the platform is started with; port 0 takes a free one. */
export interface PlatformOptions {
  readonly dataDir: string;
  /** The app whose queues and topics it holds, for a platform that reads them from there. */
  readonly appRoot: string;
  readonly cosmosPort: number;
  readonly servicesPort: number;
  readonly servicebusPort: number;
  readonly eventgridPort: number;
  readonly telemetryPort: number;
}

/** What a function host is started with; the app's settings are its environment. */
export interface HostOptions {
  readonly dataDir: string;
  readonly appRoot: string;
  readonly port: number;
  /** Enforce function keys, as Azure does and Core Tools do not. */
  readonly keys: boolean;
  /** How the durable engine keeps its task hub. */
  readonly storage: StorageMode;
  /** How long what a killed host had taken stays hidden; 0 for what host.json says. */
  readonly visibilityMs: number;
  /** Log what host.json lets through; else warnings and errors only: what a person should act on. */
  readonly verbose: boolean;
  /** Which of the hosts of its data folder it is: from 1 to `instances`. */
  readonly instance: number;
  /** How many hosts run in its data folder. */
  readonly instances: number;
  /** The address that users know it by, such as the balancer's; empty: its own. */
  readonly publicUrl: string;
}

/**
 * From a child over the IPC channel: it serves, or it cannot start or go on and says why in a sentence. `isTemporary`: the
 * same start may go well later.
 */
export type ChildReport<Urls> =
  | { readonly kind: 'ready'; readonly urls: Urls }
  | { readonly kind: 'failed'; readonly reason: string; readonly isTemporary?: boolean };

/**
 * To a child over the IPC channel. `begin`: what a child that was started early waits for, with what is to be added to its
 * environment. `stop`: finish what is in flight, then end; no signal says so, for a signal to the group would.
 */
export type ChildOrder =
  { readonly kind: 'begin'; readonly environment: NodeJS.ProcessEnv } | { readonly kind: 'stop' };

/** Second argument of a child program that waits for the order to begin. */
export const EARLY = 'early';

/** An expected end whose message is a sentence for the person at the terminal: it is shown without a stack. */
export class StartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StartError';
  }
}
