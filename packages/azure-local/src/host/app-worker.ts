// Interface of the worker: what runs the app's code for the host. It is the seam of the platform, where the worker is a
// process of its own; nothing but data passes it.
import type {
  CoreLogLevel,
  FunctionMetadata,
  InvocationRequest,
  InvocationResponse,
  RpcRetryContext,
  TypedData,
} from './core-types';

/** Takes a line of the app's log; `error` is printed with its stack. */
export type AppLog = (level: CoreLogLevel, category: string, message: string, error?: unknown) => void;

/** One run of a function. It is copied for each: what is the same for all is not in it. */
export interface InvocationOrder {
  readonly functionName: string;
  readonly invocationId: string;
  readonly inputData: InvocationRequest['inputData'];
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  readonly retryContext?: RpcRetryContext;
  readonly wants: WantedResult;
}

/**
 * What of a run the host takes up: the response, which goes to an HTTP caller or to outputs; what a durable function
 * returned; or only that it has ended.
 */
export type WantedResult = 'response' | 'returned' | 'both' | 'end';

/** What came of a run, as far as it was wanted. */
export interface InvocationResult {
  readonly response?: InvocationResponse;
  /** JSON text; null where what was returned has none, as undefined. */
  readonly returned?: string | null;
}

export interface AppWorker {
  /** What `main` of the app's package.json names. */
  readonly entryFile: string;
  /** What the app has registered. */
  readonly functions: readonly FunctionMetadata[];
  /** Runs a function once, hooks included; rejects with what was thrown. */
  invoke(order: InvocationOrder): Promise<InvocationResult>;
  /** Adds to the arguments that the app's code reads in `process.argv`. */
  addArguments(added: readonly string[]): void;
  /** Runs the `appTerminate` hooks, then ends. Idempotent. */
  close(): Promise<void>;
}
