import { onAzureStorage } from 'azure-local/testing/on-azure-storage';

onAzureStorage('../saga/waiting.test');
