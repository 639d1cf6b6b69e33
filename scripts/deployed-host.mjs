// Table of host.json as it is deployed, for each durable backend. scripts/package.mjs writes it into the package;
// tools/docs/capacity/host-json-values.ts says why each value differs from the file in the repository, and
// docs/azure.md does the sums.
export const BACKENDS = {
  // The number of control queues is fixed at the first start and bounds the instances that run orchestrators. Each is
  // polled, and each poll is paid for, up to this far apart while nothing comes.
  storage: (host) => {
    const { durableTask } = host.extensions;
    const storageProvider = { partitionCount: 16, ...durableTask.storageProvider };
    storageProvider.maxQueuePollingInterval = '00:00:10';
    return { ...host, extensions: { ...host.extensions, durableTask: { ...durableTask, storageProvider } } };
  },
  // infra/modules/durable-scheduler.bicep gives the two settings. It came into the bundle with 4.38.
  scheduler: (host) => ({
    ...host,
    extensions: {
      ...host.extensions,
      durableTask: {
        ...host.extensions.durableTask,
        hubName: '%TASKHUB_NAME%',
        storageProvider: {
          type: 'azureManaged',
          connectionStringName: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING',
        },
      },
    },
    extensionBundle: { ...host.extensionBundle, version: '[4.38.0, 5.0.0)' },
  }),
};
