import { onAzureStorage } from '../../support/on-azure-storage';

onAzureStorage('../saga/store-refusals.test');
