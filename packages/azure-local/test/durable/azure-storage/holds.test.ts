import { onAzureStorage } from '../../../testing/on-azure-storage';

onAzureStorage(require.resolve('../holds.test'), {
  'an episode held after it was written is in the history, and what it scheduled has not begun':
    'messages are sent before the history is written',
});
