// The durable client of a function: declared as its input when the function is registered, taken from its invocation.
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';

/** The input that a function is registered with whose handler asks for `sagaClient`. */
export const sagaClientInput = () => df.input.durableClient();

/** The client of an invocation of such a function. */
export const sagaClient = (context: InvocationContext): df.DurableClient => df.getClient(context);
