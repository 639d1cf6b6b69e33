import { onAzureStorage } from '../../support/on-azure-storage';

onAzureStorage('../saga/lost-answers.test');
