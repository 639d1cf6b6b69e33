// Types of the messages between `@azure/functions-core` and the SDK, as far as this host sends or reads them; the
// SDK's own sources are the reference.

import type { LogLevel } from '../kit/log';

export type CoreLogLevel = LogLevel;
export type CoreLogCategory = 'user' | 'system';

/** One value of the worker protocol; exactly one member is set. */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly http?: RpcHttp;
  readonly int?: number;
  readonly double?: number;
  readonly collectionString?: { readonly string: readonly string[] };
  readonly collectionBytes?: { readonly bytes: readonly Uint8Array[] };
  readonly modelBindingData?: ModelBindingData;
  readonly collectionModelBindingData?: { readonly modelBindingData: readonly ModelBindingData[] };
}

/** Something that an extension of the SDK makes an object of its own from; `source` says which. */
export interface ModelBindingData {
  readonly version: string;
  readonly source: string;
  readonly contentType: string;
  readonly content: Buffer;
}

/** A request on its way in; on its way out `statusCode`, `headers`, `cookies` and `body` are set. */
export interface RpcHttp {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly params?: Record<string, string>;
  readonly body?: TypedData | null;
  readonly statusCode?: string;
  readonly cookies?: readonly RpcCookie[];
}

export interface RpcCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: { readonly value: string };
  readonly path?: { readonly value: string };
  readonly expires?: { readonly value: { readonly seconds: number } };
  readonly maxAge?: { readonly value: number };
  readonly secure?: { readonly value: boolean };
  readonly httpOnly?: { readonly value: boolean };
  /** `none` means "not said"; `explicitNone` is the attribute `SameSite=None`. */
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
}

export interface Binding {
  readonly type: string;
  readonly direction?: string;
  readonly [option: string]: unknown;
}

export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: unknown;
}

export type FunctionHandler = (...args: unknown[]) => unknown;

/** How often an invocation under a retry policy has been run before; there from the first run on. */
export interface RpcRetryContext {
  readonly retryCount: number;
  /** -1: without end. */
  readonly maxRetryCount: number;
  /** What the run before failed with. */
  readonly exception?: { readonly source: string; readonly stackTrace: string; readonly message: string };
}

export interface InvocationRequest {
  readonly invocationId: string;
  readonly inputData: readonly { readonly name: string; readonly data: TypedData | undefined }[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>> | undefined;
  readonly traceContext: {
    readonly traceParent: string;
    readonly traceState: string;
    readonly attributes: object;
  };
  readonly retryContext?: RpcRetryContext | undefined;
}

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly metadata: FunctionMetadata;
  readonly request: InvocationRequest;
  state?: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks';
  log(level: CoreLogLevel, category: CoreLogCategory, message: string): void;
}

export interface InvocationResponse {
  readonly outputData?: readonly { readonly name: string; readonly data: TypedData }[];
  readonly returnValue?: TypedData | null;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>;
  invokeFunction(context: object, inputs: unknown[], handler: FunctionHandler): Promise<unknown>;
  getResponse(context: object, result: unknown): Promise<InvocationResponse>;
}

export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}
