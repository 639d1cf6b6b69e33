// Program behind `npm run doctor`: the checks that need a build, printed as one JSON array. scripts/doctor.mjs makes
// the other checks and prints all of them.
import path from 'node:path';
import { checkClock, checkData, checkSpace } from '../doctor/check-data';
import { AZURITE_PORTS, checkEmulators } from '../doctor/check-emulators';
import { checkHostJson } from '../doctor/check-host-json';
import { checkPorts } from '../doctor/check-ports';
import { checkProxies } from '../doctor/check-proxies';
import { checkSettings } from '../doctor/check-settings';
import { checkTools } from '../doctor/check-tools';
import type { Finding } from '../doctor/finding';
import { parseStartFlags } from 'azure-local/supervisor/start-flags';

const AZURE = '--azure';
/** The ports of `npm start` are then those of what stands in for it. */
const EMULATORS = '--emulators';

async function examine(argv: readonly string[]): Promise<Finding[] | string> {
  const command = parseStartFlags(
    argv.filter((flag) => flag !== AZURE && flag !== EMULATORS),
    process.cwd(),
  );
  if (command.kind === 'help') return '';
  if (command.kind === 'refused') return command.problem;
  const { options } = command;
  return [
    ...checkHostJson(options.appRoot),
    ...checkSettings(options, path.join(__dirname, 'load-app.js')),
    ...(argv.includes(EMULATORS)
      ? await checkEmulators({
          ...AZURITE_PORTS,
          cosmos: options.cosmosPort,
          servicebus: options.servicebusPort,
        })
      : await checkPorts(options)),
    ...checkProxies(process.env),
    ...checkData(options.dataDir),
    checkSpace(options.dataDir),
    checkClock(options.dataDir, Date.now()),
    ...checkTools(argv.includes(AZURE), process.env['PATH'] ?? ''),
  ];
}

void examine(process.argv.slice(2)).then((found) => {
  if (typeof found === 'string') {
    console.error(found);
    process.exitCode = 2;
  } else {
    console.log(JSON.stringify(found));
  }
});
