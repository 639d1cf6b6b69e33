// Types of the messages between a host and the thread of its app.
import type { LogFilter } from '../kit/log';
import type { CoreLogLevel, FunctionMetadata } from './core-types';
import type { InvocationOrder, InvocationResult } from './app-worker';
import type { ThrownData } from './thrown';

/** The first message, alone: what the app runs with. */
export interface BeginApp {
  readonly kind: 'begin';
  readonly appRoot: string;
  /** The whole of it: the thread may be older than what the host was told since. */
  readonly environment: NodeJS.ProcessEnv;
  /** Lines that nobody sees do not cross the threads. */
  readonly logFilter: LogFilter;
}

/** They go in batches (turn-batch.ts). */
export type ToApp =
  | (InvocationOrder & { readonly kind: 'invoke'; readonly id: number })
  | { readonly kind: 'arguments'; readonly added: readonly string[] }
  | { readonly kind: 'close' };

export type FromApp =
  | (InvocationResult & { readonly kind: 'ran'; readonly id: number })
  | { readonly kind: 'threw'; readonly id: number; readonly thrown: ThrownData }
  | {
      readonly kind: 'log';
      readonly level: CoreLogLevel;
      readonly category: string;
      readonly message: string;
      readonly error?: ThrownData;
    }
  | {
      readonly kind: 'started';
      readonly entryFile: string;
      readonly functions: readonly FunctionMetadata[];
    }
  /** `isExpected`: a sentence for the person at the terminal. */
  | { readonly kind: 'refused'; readonly isExpected: boolean; readonly thrown: ThrownData }
  | { readonly kind: 'closed' };

/** What the thread is started with. */
export interface ThreadData {
  /** The app to compile ahead. */
  readonly appRoot: string | undefined;
}
