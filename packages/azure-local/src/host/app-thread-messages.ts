// Types of the messages between a host and the thread of its app.
import type { LogFilter } from '../kit/log';
import type { CoreLogLevel, FunctionMetadata } from './core-types';
import type { InvocationOrder, InvocationResult } from './app-worker';
import type { ThrownData } from './thrown';

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
  readonly appRoot: string;
  /** Lines that nobody sees do not cross the threads. */
  readonly logFilter: LogFilter;
}
