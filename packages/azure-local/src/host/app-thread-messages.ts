// Types of the messages between a host and the thread of its app.
import type { CoreLogLevel, FunctionMetadata } from './core-types';
import type { InvocationOrder, InvocationResult } from './app-worker';
import type { ThrownData } from './thrown';

export type ToApp =
  | { readonly kind: 'invoke'; readonly id: number; readonly order: InvocationOrder }
  | { readonly kind: 'arguments'; readonly added: readonly string[] }
  | { readonly kind: 'close' };

export type FromApp =
  | { readonly kind: 'ran'; readonly id: number; readonly result: InvocationResult }
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
}
