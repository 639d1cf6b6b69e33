import { onAzureStorage } from '../../support/on-azure-storage';

onAzureStorage('../saga/outages.test');
