import { onAzureStorage } from '../../../testing/on-azure-storage';

onAzureStorage(require.resolve('../restart.test'), {
  'durable-engine.Q2: what scheduled an activity is on disk when the activity begins':
    'the message of an activity is sent before the history is written',
  'durable-engine.Q4, durable-engine.Q5: mid-activity runs the activity again, and the history has it exactly once':
    'what a dead host had taken comes back when its visibility ends; see durable-azure.test.ts',
  'durable-engine.Q3: an acknowledged start or event is carried out by the next process':
    'what a dead host had taken comes back when its visibility ends; see durable-azure.test.ts',
  'durable-engine.Q3: the answer that an id runs is given only when its start is on disk, whoever has started it':
    'every call is requests of its own, so that two operators at a time may both be told yes, as on Azure',
  'the end of a child that its suspended parent has not seen is not lost':
    'what a dead host had taken comes back when its visibility ends; see durable-azure.test.ts',
  'of two timers that fell due meanwhile the earlier one fires first':
    'messages of one batch are heard in the order in which they were put in',
  'a cancelled timer stays cancelled':
    'what a dead host had taken comes back when its visibility ends; see durable-azure.test.ts',
  'a data folder of a version before sub-orchestrations opens, and what was unfinished goes on':
    'no version before this one had such a hub',
  'keeps the result of an activity in flight and runs it no second time':
    'the result is a message, which the next host hears',
  'durable-engine.Q6: does not wait for ever, and a result that comes too late writes nothing':
    'an activity that is given back is visible after 2 seconds',
});
