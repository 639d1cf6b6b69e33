import { onAzureStorage } from 'azure-local/testing/on-azure-storage';

onAzureStorage('../saga/outages.test');
