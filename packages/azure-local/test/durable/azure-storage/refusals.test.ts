import { onAzureStorage } from '../../../testing/on-azure-storage';

onAzureStorage(require.resolve('../refusals.test'));
