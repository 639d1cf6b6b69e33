// Interface between the durable engine and the function host: the engine knows no HTTP server and no app, the host
// knows no history.

/** What kind of durable function is registered under a name. */
export type DurableFunctionKind = 'orchestrator' | 'activity' | 'entity';

/** What the engine asks of the function host. */
export interface DurableFunctionInvoker {
  /** The kind registered under `name`, or undefined when the app has no such function. */
  kindOf(name: string): DurableFunctionKind | undefined;

  /** The names of the entities that the app has registered. */
  entities(): readonly string[];

  /**
   * Runs a registered function once. `triggerData` is what the platform would put into the trigger: for an orchestrator
   * the JSON text of its history, for an activity its input. Resolves with what the handler returned (an object, a
   * string, undefined; of an activity also as `JsonText`); rejects with what it threw.
   */
  invoke(name: string, triggerData: string | undefined, metadata: Record<string, unknown>): Promise<unknown>;
}

/** The data of a `durableClient` input binding, as the extension hands it to `df.getClient`. */
export interface DurableClientBinding {
  readonly taskHubName: string;
  readonly connectionName: null;
  readonly creationUrls: Record<string, string>;
  readonly managementUrls: Record<string, string>;
  readonly baseUrl: string;
  readonly requiredQueryStringParameters: string;
  readonly rpcBaseUrl: string;
  readonly httpBaseUrl: null;
  readonly maxGrpcMessageSizeInBytes: null;
  readonly grpcHttpClientTimeout: null;
}
