import { onAzureStorage } from '../../support/on-azure-storage';

onAzureStorage('../contract/durable-order-children.test');
