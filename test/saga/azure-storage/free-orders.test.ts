import { onAzureStorage } from '../../support/on-azure-storage';

onAzureStorage('../saga/free-orders.test');
