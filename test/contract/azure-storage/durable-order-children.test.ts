import { onAzureStorage } from 'azure-local/testing/on-azure-storage';

onAzureStorage('../contract/durable-order-children.test');
