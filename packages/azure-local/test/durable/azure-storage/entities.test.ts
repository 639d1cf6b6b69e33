import { onAzureStorage } from '../../../testing/on-azure-storage';

onAzureStorage(require.resolve('../entities.test'), {
  'durable-entities.N1: a batch that was running when the process died runs again, and acts on the state once':
    'what a dead host had taken comes back when its visibility ends; see durable-azure.test.ts',
});
