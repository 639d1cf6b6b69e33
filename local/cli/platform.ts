// The platform process. Alone:
// `node dist/local/platform.js '{"dataDir":".local","cosmosPort":8081,"servicesPort":7072,"servicebusPort":5672,"eventgridPort":7073}'`.
import { PLATFORM_DEFAULTS, startPlatform } from '../platform';
import { runChildProgram } from '../supervisor/child-program';

void runChildProgram('platform', PLATFORM_DEFAULTS, startPlatform);
