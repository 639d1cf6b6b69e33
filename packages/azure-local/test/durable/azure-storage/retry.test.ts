import { onAzureStorage } from '../../../testing/on-azure-storage';

onAzureStorage(require.resolve('../retry.test'), {
  'sends what the execution sent last, and leaves no alarm of its timers behind':
    'the message of a cancelled timer stays in the queue until it is due, and then means nothing',
});
