// Interface of an output binding: one file per type takes what functions put into bindings of that type.
import type { Binding, InvocationResponse, TypedData } from './core-types';

/** Takes one value that a function has put into its output; rejecting fails the invocation. */
export type OutputSink = (data: TypedData) => Promise<void>;

export interface OutputKind {
  /** The type of the output binding, such as `serviceBus`. */
  readonly type: string;
  /**
   * Prepares one binding of a function, with settings resolved; called at the start.
   * @throws HostStartError naming function, option and remedy for what it cannot do.
   */
  bind(functionName: string, binding: Binding): OutputSink;
  /** Called when no function runs any more. Idempotent. */
  close(): Promise<void>;
}

/** An output of a function, ready to be used. */
export interface HostedOutput {
  readonly name: string;
  readonly send: OutputSink;
}

/** The name under which the SDK registers the output that the return value goes to. */
const RETURN = '$return';

/** Sends what a function has put into its outputs, one after the other; what it left empty is not sent. */
export async function sendOutputs(
  outputs: readonly HostedOutput[],
  { returnValue, outputData }: InvocationResponse,
): Promise<void> {
  for (const { name, send } of outputs) {
    const data = name === RETURN ? returnValue : outputData?.find((each) => each.name === name)?.data;
    if (data !== undefined && data !== null) await send(data);
  }
}
