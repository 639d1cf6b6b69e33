// The platform process: the look-alikes of what lies behind the app, on one database. Alone:
// `node dist/local/platform.js '{"dataDir":".local","cosmosPort":8081,"servicesPort":7072}'`.
import { wallClock } from '../clock';
import { createCosmosServer } from '../cosmos/server';
import { createHostLogger } from '../host/log';
import { createServicesServer } from '../services/server';
import { Journal } from '../storage/journal';
import { runChildProgram, type RunningProgram } from '../supervisor/child-program';
import { databaseFile } from '../supervisor/data-folder';
import type { PlatformOptions, PlatformUrls } from '../supervisor/processes';

const DEFAULTS: PlatformOptions = { dataDir: '.local', cosmosPort: 8081, servicesPort: 7072 };

async function startPlatform(options: PlatformOptions): Promise<RunningProgram<PlatformUrls>> {
  const clock = wallClock();
  const logger = createHostLogger({
    levels: {},
    sink: (text) => process.stdout.write(text),
    isColoured: process.stdout.isTTY,
    now: () => clock.now(),
  });
  const journal = new Journal(databaseFile(options.dataDir, 'platform'));
  const cosmos = createCosmosServer({ journal, clock, log: logger.category('Cosmos') });
  const services = createServicesServer({ journal, clock, log: logger.category('Services') });
  const urls: PlatformUrls = {
    cosmos: (await cosmos.listen(options.cosmosPort)).replace(/\/$/, ''),
    services: await services.listen(options.servicesPort),
  };
  return {
    urls,
    async stop() {
      await Promise.all([cosmos.close(), services.close()]);
      await journal.close();
      logger.flush();
    },
  };
}

void runChildProgram('platform', DEFAULTS, startPlatform);
