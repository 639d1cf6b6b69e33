import { onAzureStorage } from '../../support/on-azure-storage';

onAzureStorage('../contract/durable-management.test');
