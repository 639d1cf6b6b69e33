import { onAzureStorage } from '../../../testing/on-azure-storage';

onAzureStorage('../contract/durable-management.test');
