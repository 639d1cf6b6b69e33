// Platform process of the order saga. Alone: `node dist/local/platform.js
// '{"dataDir":".local","cosmosPort":8081,"servicesPort":7072,"servicebusPort":5672,"eventgridPort":7073,"telemetryPort":4318}'`.
import { PLATFORM_DEFAULTS } from 'azure-local/supervisor/look-alikes';
import { startPlatform } from '../platform';
import { runChildProgram } from 'azure-local/supervisor/child-program';

void runChildProgram('platform', PLATFORM_DEFAULTS, startPlatform);
