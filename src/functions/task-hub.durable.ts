// The task hub of a function: declared as its input when the function is registered, reached by what its invocation is given.
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { createTaskHub, type TaskHub } from '../adapters/task-hub';

/** The input that a function is registered with whose handler asks for `taskHub`. */
export const taskHubInput = () => df.input.durableClient();

/** The hub of an invocation of such a function. */
export function taskHub({ options, extraInputs, functionName }: InvocationContext): TaskHub {
  const input = options.extraInputs.find(({ type }) => type === 'durableClient');
  if (input === undefined) throw new Error(`${functionName} is registered without a durable client`);
  return createTaskHub(extraInputs.get(input));
}
