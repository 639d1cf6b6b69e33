import { onAzureStorage } from '../../../testing/on-azure-storage';

onAzureStorage(require.resolve('../kept.test'), {
  'gets its id, its state and, for every operation, the operation’s id and whether the caller waits':
    'operations are messages of their own and may come in a batch each',
  'an execution that continues another, and the event it has yet to see, outlive the process':
    'what a dead host had taken comes back when its visibility ends; see durable-azure.test.ts',
});
