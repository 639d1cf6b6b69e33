import { onAzureStorage } from '../../support/on-azure-storage';

onAzureStorage('../saga/order-saga.test');
