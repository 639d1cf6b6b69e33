import { onAzureStorage } from '../../../testing/on-azure-storage';

onAzureStorage(require.resolve('../engine.test'), {
  'a cancelled timer is not waited for and never fires':
    'the message of a cancelled timer stays in the queue until it is due, and then means nothing',
  'of two timers in Task.any the earlier wins and the other is cancelled':
    'the message of a cancelled timer stays in the queue until it is due, and then means nothing',
  'durable-engine.Q4: a timer that fired while the code was cancelling it is not in the history':
    'both messages are in one batch',
  'durable-engine.Q7: an event that arrives during the last episode changes nothing':
    'both messages are in one batch',
});
