import { onAzureStorage } from '../../../testing/on-azure-storage';

onAzureStorage(require.resolve('../versions.test'), {
  'a newer instance waits untouched on an older host, and goes on when a newer one comes':
    'it is offered again after 2, 4, 8 seconds',
});
