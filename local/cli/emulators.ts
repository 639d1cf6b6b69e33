// Program behind `npm run emulators`: runs the look-alikes alone, on the ports of the official emulators, for `func
// start` or another host.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PLATFORM_DEFAULTS } from 'azure-local/supervisor/look-alikes';
import { startPlatform } from '../platform';
import { runProgram } from 'azure-local/supervisor/child-program';
import { StartError, type PlatformOptions } from 'azure-local/supervisor/processes';
import { EMULATORS_DATA, lookAlikeSettings } from '../app-settings';
import { parsePort } from 'azure-local/supervisor/start-flags';

const { cosmosPort, eventgridPort, servicebusPort, servicesPort, telemetryPort } = PLATFORM_DEFAULTS;

const FLAGS = {
  'cosmos-port': { type: 'string', default: String(cosmosPort) },
  'servicebus-port': { type: 'string', default: String(servicebusPort) },
  'eventgrid-port': { type: 'string', default: String(eventgridPort) },
  'services-port': { type: 'string', default: String(servicesPort) },
  'telemetry-port': { type: 'string', default: String(telemetryPort) },
  data: { type: 'string', default: EMULATORS_DATA },
  help: { type: 'boolean', default: false },
} as const;

const USAGE = `Usage: npm run emulators -- [flags]   (a port of 0 takes a free one)
  --cosmos-port <port>      Cosmos DB look-alike (${cosmosPort})
  --servicebus-port <port>  Service Bus look-alike (${servicebusPort})
  --eventgrid-port <port>   Event Grid look-alike (${eventgridPort})
  --services-port <port>    simulated downstream services (${servicesPort})
  --telemetry-port <port>   takes traces (${telemetryPort})
  --data <folder>           everything they keep (${FLAGS.data.default})`;

function readFlags(): PlatformOptions {
  try {
    const { values } = parseArgs({ options: FLAGS });
    if (values.help) throw new StartError(USAGE);
    return {
      ...PLATFORM_DEFAULTS,
      dataDir: path.resolve(values.data),
      cosmosPort: parsePort('--cosmos-port', values['cosmos-port']),
      servicebusPort: parsePort('--servicebus-port', values['servicebus-port']),
      eventgridPort: parsePort('--eventgrid-port', values['eventgrid-port']),
      servicesPort: parsePort('--services-port', values['services-port']),
      telemetryPort: parsePort('--telemetry-port', values['telemetry-port']),
    };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

void runProgram('platform', readFlags, async (options) => {
  const platform = await startPlatform(options);
  console.log('Ready. App settings that point here (Ctrl-C ends):');
  for (const [name, value] of Object.entries(lookAlikeSettings(platform.urls, undefined, options.dataDir)))
    console.log(`  ${name}=${value}`);
  return platform;
});
