import { onAzureStorage } from '../../../testing/on-azure-storage';

onAzureStorage(require.resolve('../operators.test'), {
  'brings back an event that came during the last episode, also after a restart':
    'messages for an instance that has ended are deleted',
  'who rewind one instance, the second gets the answer that it runs':
    'every call is requests of its own, so that two operators at a time may both be told yes, as on Azure',
  'a purge takes nothing that the other has rewound':
    'every call is requests of its own, so that two operators at a time may both be told yes, as on Azure',
  'a purge of many takes nothing that the other has rewound':
    'every call is requests of its own, so that two operators at a time may both be told yes, as on Azure',
  'a rewind does not bring back what the other has purged':
    'every call is requests of its own, so that two operators at a time may both be told yes, as on Azure',
});
