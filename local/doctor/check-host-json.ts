// Check of host.json, read as the function host reads it, and of the name of the task hub.
import { HostStartError } from 'azure-local/host/errors';
import { readHostJson, type HostJson } from 'azure-local/host/host-json';
import { readServiceBusOptions } from 'azure-local/host/servicebus/service-bus-options';
import { ok, problem, warning, type Finding } from './finding';

const CHECK = 'host.json';
/** What the extension takes when there is no name, in its versions and under Core Tools. */
const DEFAULT_HUBS: ReadonlySet<string> = new Set(['testhubname', 'durablefunctionshub']);
/** Azure Storage makes tables and queues of that name. */
const HUB_NAME = /^[A-Za-z][A-Za-z0-9]{2,44}$/;

/** What is wrong with host.json in `appRoot`, or one finding that nothing is. */
export function checkHostJson(appRoot: string): Finding[] {
  let hostJson: HostJson;
  const warnings: string[] = [];
  try {
    hostJson = readHostJson(appRoot);
    readServiceBusOptions(hostJson.extensions['serviceBus'] ?? {}, (message) => warnings.push(message));
  } catch (error) {
    if (!(error instanceof HostStartError)) throw error;
    return [problem(CHECK, error.message, 'Correct host.json; the one of the repository is an example.')];
  }
  const findings = [...hostJson.warnings, ...warnings].map((message) =>
    warning(CHECK, message, 'Leave it out if it is not meant for Azure.'),
  );
  const hub = checkHubName(hostJson.extensions['durableTask']?.['hubName']);
  if (hub !== undefined) findings.push(hub);
  return findings.length > 0 ? findings : [ok(CHECK, `task hub ${hubNameOf(hostJson)}`)];
}

const hubNameOf = ({ extensions }: HostJson): string => String(extensions['durableTask']?.['hubName']);

function checkHubName(name: unknown): Finding | undefined {
  const remedy = 'Set extensions.durableTask.hubName to a name of this app, such as "OrderSagaHub".';
  if (name === undefined || (typeof name === 'string' && DEFAULT_HUBS.has(name.toLowerCase()))) {
    const found = name === undefined ? 'is not set' : `is the default, ${name}`;
    return problem(
      'task hub',
      `extensions.durableTask.hubName ${found}: every app on the storage account would share one task hub and run the others' orders`,
      remedy,
    );
  }
  if (typeof name === 'string' && HUB_NAME.test(name)) return undefined;
  return problem(
    'task hub',
    `extensions.durableTask.hubName is ${JSON.stringify(name)}: a task hub has 3 to 45 letters and digits, a letter first`,
    remedy,
  );
}
