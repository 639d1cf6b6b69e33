// Check of the app settings: those of local.settings.json where there is one, else those that `npm start` gives.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { settingsBeyondLoopback } from 'azure-local/supervisor/loopback';
import { StartError } from 'azure-local/supervisor/processes';
import { lookAlikeSettings } from '../app-settings';
import { hostEnvironment, readLocalSettings, type Settings } from 'azure-local/supervisor/settings';
import type { StartOptions } from 'azure-local/supervisor/start-flags';
import { loadAppWith, type AppLoad } from './app-reads';
import { ok, problem, warning, type Finding } from './finding';

const CHECK = 'settings';

/** Read by the host, its extensions and its worker, not by the app. */
const OF_THE_PLATFORM =
  /^(?:(?:https?|all|no)_proxy$|AzureWebJobs|AzureFunctions|FUNCTIONS_|WEBSITE_|APPLICATIONINSIGHTS_|APPINSIGHTS_|languageWorkers|NODE_|OTEL_)/i;

/** Loads the app (with `loader`, the built load-app.ts) with its settings and says what it does not take or ask for. */
export function checkSettings(options: StartOptions, loader: string): Finding[] {
  const lookAlikes = lookAlikeSettings(urlsOf(options));
  const file = path.join(options.appRoot, 'local.settings.json');
  if (!existsSync(file)) {
    return judge('of npm start', loadApp(options, loader, [lookAlikes]), options.settings);
  }
  try {
    const local = readLocalSettings(options.appRoot);
    const layers = options.useSettings ? [lookAlikes, local] : [local];
    const findings = judge('in local.settings.json', loadApp(options, loader, layers), {
      ...local,
      ...options.settings,
    });
    return [...findings, ...checkReach(local)];
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const remedy = 'Correct it, or take it away: npm start needs none.';
    return [problem(CHECK, error.message, remedy)];
  }
}

const loadApp = (options: StartOptions, loader: string, layers: readonly Settings[]): AppLoad =>
  loadAppWith(loader, options.appRoot, hostEnvironment({}, ...layers, options.settings));

function judge(where: string, { read, refused }: AppLoad, given: Settings): Finding[] {
  const findings = Object.keys(given)
    .filter((name) => !isKnown(name, read))
    .map((name) => unknownSetting(name, where, read));
  if (refused !== undefined) {
    findings.push(
      problem(
        CHECK,
        `the app does not start with the settings ${where}: ${refused}`,
        `Correct them ${where}.`,
      ),
    );
  }
  return findings.length > 0 ? findings : [ok(CHECK, `the app takes the settings ${where}`)];
}

function isKnown(name: string, read: readonly string[]): boolean {
  const plain = plainly(name);
  // A group of settings such as <connection>__fullyQualifiedNamespace belongs to the connection.
  return OF_THE_PLATFORM.test(name) || read.map(plainly).some((known) => isOf(plain, known));
}

const plainly = (name: string): string => name.replaceAll('__', ':').toLowerCase();
const isOf = (name: string, known: string): boolean => name === known || name.startsWith(`${known}:`);

function unknownSetting(name: string, where: string, read: readonly string[]): Finding {
  const nearest = read
    .map((known) => ({ known, far: distance(plainly(known), plainly(name)) }))
    .sort((a, b) => a.far - b.far)[0];
  const meant = nearest !== undefined && nearest.far <= 3 ? ` Is ${nearest.known} meant?` : '';
  return warning(
    CHECK,
    `nothing reads ${name} ${where}: it has no effect`,
    `Correct its name, or leave it out; docs/configuration.md has the table.${meant}`,
  );
}

function checkReach(settings: Settings): Finding[] {
  const beyond = settingsBeyondLoopback(settings);
  if (beyond.length === 0) return [];
  return [
    warning(
      CHECK,
      `local.settings.json points beyond this machine: ${beyond.join(', ')}`,
      'With `func start` or --use-settings orders go there; `npm start` alone uses its look-alikes.',
    ),
  ];
}

function urlsOf({ cosmosPort, servicesPort, servicebusPort, eventgridPort, telemetryPort }: StartOptions) {
  return {
    cosmos: `http://127.0.0.1:${cosmosPort}`,
    services: `http://127.0.0.1:${servicesPort}`,
    servicebus: `sb://127.0.0.1:${servicebusPort}`,
    eventgrid: `http://127.0.0.1:${eventgridPort}`,
    telemetry: `http://127.0.0.1:${telemetryPort}`,
  };
}

/** Edits from one text to the other: insertions, deletions, changes (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
