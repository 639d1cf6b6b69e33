// Program behind `npm start`: runs the whole system on this machine until Ctrl-C.
import path from 'node:path';
import { runStart } from 'azure-local/supervisor/run-start';
import { exportSettings, lookAlikeSettings, SIGN_IN_SETTINGS } from '../app-settings';
import topics from '../eventgrid/topics.json';
import { consoleLink } from '../console-link';
import { nextSteps } from '../next-steps';

runStart({
  command: 'npm start --',
  programs: {
    platform: path.join(__dirname, 'platform.js'),
    host: path.join(__dirname, 'host.js'),
    preload: path.join(__dirname, 'code-cache.js'),
  },
  app: ({ dataDir: folder }) => ({
    settings: (urls, operatorToken, dataDir) => ({
      ...lookAlikeSettings(urls, operatorToken, dataDir),
      ...exportSettings(dataDir),
      ...SIGN_IN_SETTINGS,
    }),
    nextSteps: (api, urls) => [...nextSteps(api, urls), ...consoleLink(api, folder)],
    topics,
  }),
});
