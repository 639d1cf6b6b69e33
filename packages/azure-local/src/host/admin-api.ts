// Handlers of `GET /` and `/admin/…`, as recorded on the platform: they describe functions, and trigger one by its
// listener.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { uptime } from 'node:process';
import { readBody } from '../kit/read-body';
import { adminSegments, type AdminRoute } from './admin-routes';
import { HOST_VERSION } from './core-module';
import { isOfType, type HostedFunction } from './hosted-function';
import { writeEmpty, writeText } from './http-response';

export interface AdminDependencies {
  readonly functions: readonly HostedFunction[];
  readonly entryFile: string;
  readonly appRoot: string;
  readonly hostUrl: string;
  readonly maxBodyBytes: number;
  /** The URL template of an HTTP function. */
  readonly invokeUrl: (fn: HostedFunction) => string;
  /** Runs a function by hand; undefined when its trigger cannot be. */
  readonly runNow: (fn: HostedFunction) => (() => void) | undefined;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const NO_STORE = { 'Cache-Control': 'no-store,no-cache', Pragma: 'no-cache' };
const HOME_PAGE =
  '<!DOCTYPE html>\n<html><head><title>Your Azure Function App is up and running.</title></head>' +
  '<body><h1>Your Azure Function App is up and running.</h1><p>This is the embedded local host.</p></body></html>\n';

export function writeHomePage(response: ServerResponse): void {
  writeText(response, 200, 'text/html', HOME_PAGE);
}

/** Answers a request of `route`; the key has been looked at. */
export type AdminApi = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  route: AdminRoute,
) => Promise<void>;

export function createAdminApi(dependencies: AdminDependencies): AdminApi {
  return async (request, response, path, { answer }) => {
    const [, , name] = adminSegments(path);
    const fn = dependencies.functions.find((candidate) => candidate.name.toLowerCase() === name);
    if (answer === 'ping') writeEmpty(response, 200, NO_STORE);
    else if (answer === 'warmup') writeEmpty(response, 200);
    else if (answer === 'status') writeJson(response, hostStatus());
    else if (answer === 'functions') writeJson(response, describeAll(dependencies));
    else if (answer === 'notSimulated')
      refuse(response, `${path} of the admin API`, 'use Azure or `func start` for it');
    else if (fn === undefined) writeEmpty(response, 404);
    else if (answer === 'function') writeJson(response, describe(dependencies, fn));
    else if (answer === 'functionStatus') writeJson(response, {});
    else await answerRun(dependencies, request, response, fn);
  };
}

function describeAll(dependencies: AdminDependencies): object[] {
  const sorted = [...dependencies.functions].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.map((fn) => describe(dependencies, fn));
}

async function answerRun(
  { runNow, maxBodyBytes }: AdminDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  fn: HostedFunction,
): Promise<void> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    writeEmpty(response, 415);
    return;
  }
  const body = await readBody(request, maxBodyBytes);
  if (body.kind !== 'whole') {
    writeEmpty(response, body.kind === 'tooLarge' ? 413 : 400);
    return;
  }
  const run = runNow(fn);
  if (run === undefined) {
    refuse(response, `Running ${fn.name} (${fn.trigger.type}) through /admin/functions`, 'use its trigger');
    return;
  }
  run();
  writeEmpty(response, 202);
}

function refuse(response: ServerResponse, what: string, instead: string): void {
  const text = `${what} is not simulated by the local host: ${instead}.`;
  writeText(response, 501, 'text/plain; charset=utf-8', text);
}

function hostStatus(): object {
  return {
    id: 'local',
    state: 'Running',
    version: `${HOST_VERSION}.0`,
    versionDetails: HOST_VERSION,
    platformVersion: '',
    instanceId: '',
    computerName: '',
    processUptime: Math.round(uptime() * 1000),
    functionAppContentEditingState: 'Unknown',
  };
}

function describe({ entryFile, appRoot, hostUrl, invokeUrl }: AdminDependencies, fn: HostedFunction): object {
  const { name, metadata } = fn;
  return {
    name,
    script_root_path_href: null,
    script_href: `${hostUrl}/admin/vfs${entryFile}`,
    config_href: null,
    test_data_href: null,
    href: `${hostUrl}/admin/functions/${name}`,
    invoke_url_template: isOfType(fn.trigger, 'httpTrigger') ? invokeUrl(fn) : null,
    language: 'node',
    config: {
      name,
      entryPoint: '',
      scriptFile: entryFile,
      language: 'node',
      functionDirectory: appRoot,
      bindings: Object.entries(metadata.bindings).map(([key, binding]) => ({ ...binding, name: key })),
    },
    files: null,
    test_data: '',
    isDisabled: fn.isDisabled,
    isDirect: false,
    isProxy: false,
  };
}

function writeJson(response: ServerResponse, value: unknown): void {
  writeText(response, 200, JSON_TYPE, JSON.stringify(value));
}
