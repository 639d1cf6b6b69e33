import { onAzureStorage } from 'azure-local/testing/on-azure-storage';

onAzureStorage(require.resolve('../order-money.test'));
