#!/usr/bin/env node
// `azure-local`: runs the Functions app of the current folder, with what its azure-local.json asks for, until Ctrl-C.
import path from 'node:path';
import { emulatorBusConnection, emulatorCosmosConnection } from '../kit/emulator-connections';
import { fillSettings, readAppNeeds } from '../supervisor/app-needs';
import { runStart } from '../supervisor/run-start';

runStart({
  command: 'npx azure-local',
  programs: {
    platform: path.join(__dirname, 'platform.js'),
    host: path.join(__dirname, 'host.js'),
    preload: path.join(__dirname, 'code-cache.js'),
  },
  app: ({ appRoot }) => {
    const { settings, eventgrid } = readAppNeeds(appRoot);
    return {
      topics: eventgrid,
      settings: ({ cosmos, servicebus, ...urls }) => ({
        FUNCTIONS_WORKER_RUNTIME: 'node',
        AzureWebJobsStorage: 'UseDevelopmentStorage=true',
        ...fillSettings(settings, {
          ...urls,
          cosmos: emulatorCosmosConnection(cosmos),
          servicebus: emulatorBusConnection(servicebus),
        }),
      }),
      nextSteps: () => [],
    };
  },
});
