// The program that host-process.ts starts: a function host with a fixture app, driven over the IPC channel.
import path from 'node:path';
import { ManualClock, wallClock } from '../../src/kit/clock';
import { readHostJson } from '../../src/host/host-json';
import { createFunctionHost, type FunctionHost } from '../../src/host/function-host';
import type { HostUrls } from '../../src/host/host-options';
import type { HostListener } from '../../src/host/trigger-kind';
import { createHostLogger } from '../../src/kit/log';
import { createTimerStore } from '../../src/host/timer-store';
import { Journal } from '../../src/storage/journal';
import type { ChildCommand, ChildOptions } from '../../testing/host-process';

const options = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;
const manual = new ManualClock(options.startMs);
const clock = options.isManual === true ? manual : wallClock();

function createHost(): FunctionHost {
  const hostJson = readHostJson(options.appRoot);
  return createFunctionHost({
    appRoot: options.appRoot,
    appThread: path.join(__dirname, 'app-worker.js'),
    hostJson,
    environment: process.env,
    timers: { status: createTimerStore(new Journal(options.journalFile ?? ':memory:')) },
    clock,
    log: createHostLogger({
      levels: hostJson.logLevels,
      sink: (text) => process.stdout.write(text),
      isColoured: false,
      now: () => clock.now(),
    }),
    port: 0,
    drainMs: options.drainMs ?? 5_000,
    extensions: [
      {
        path: '/runtime/webhooks/mounted',
        handle: (_request, response, url) => {
          if (url.searchParams.has('throws')) return Promise.reject(new Error('the extension failed'));
          response.end(`mounted ${url.pathname}${url.search}`);
          return Promise.resolve();
        },
      },
    ],
    ...(options.keys === undefined ? undefined : { enforceKeys: options.keys }),
    ...(options.maxRequestBodyBytes === undefined
      ? undefined
      : { maxRequestBodyBytes: options.maxRequestBodyBytes }),
    ...(options.hasDurable === true
      ? { durable: { clientBinding }, listeners: [listenerThatAsksEarly()] }
      : undefined),
  });
}

let publicUrl = '';
/** Long enough for a request that nothing holds back. */
const EARLY_MS = 50;

/** Requests a function before it says that it runs. */
function listenerThatAsksEarly(): HostListener {
  let isStarted = false;
  return {
    async start() {
      void fetch(`${publicUrl}/shop/Seen`).then(({ status }) =>
        process.stdout.write(`early request answered ${status}, started ${isStarted}\n`),
      );
      await new Promise((resolve) => setTimeout(resolve, EARLY_MS));
      isStarted = true;
    },
    close() {
      process.stdout.write('listener closed\n');
      return Promise.resolve();
    },
  };
}

function clientBinding({
  url,
  internalUrl,
}: HostUrls): ReturnType<NonNullable<Parameters<typeof createFunctionHost>[0]['durable']>['clientBinding']> {
  publicUrl = url;
  const base = `${url}/runtime/webhooks/durabletask`;
  return {
    taskHubName: 'Hub',
    connectionName: null,
    creationUrls: { createNewInstancePostUri: `${base}/orchestrators/{functionName}` },
    managementUrls: { id: 'INSTANCEID', statusQueryGetUri: `${base}/instances/INSTANCEID` },
    baseUrl: base,
    requiredQueryStringParameters: '',
    rpcBaseUrl: `${internalUrl}/runtime/webhooks/durabletask/`,
    httpBaseUrl: null,
    maxGrpcMessageSizeInBytes: null,
    grpcHttpClientTimeout: null,
  };
}

async function obey(host: FunctionHost, command: ChildCommand): Promise<unknown> {
  switch (command.kind) {
    case 'advance':
      manual.advance(command.byMs);
      return undefined;
    case 'nextDueMs':
      return manual.nextDueMs();
    case 'kindOf':
      return host.durableInvoker.kindOf(command.name);
    case 'invoke':
      return host.durableInvoker.invoke(command.name, command.data, command.metadata);
    case 'close':
      await Promise.all([host.close(), host.close()]);
      return undefined;
  }
}

async function main(): Promise<void> {
  let host: FunctionHost;
  try {
    host = createHost();
    process.on('message', ({ id, command }: { id: number; command: ChildCommand }) => {
      obey(host, command).then(
        (value) => process.send?.({ id, value }),
        (error: unknown) => process.send?.({ id, error: String(error) }),
      );
    });
    process.send?.({ urls: await host.start(), functions: host.functions.map(({ name }) => name) });
  } catch (error) {
    process.send?.({ failed: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
    process.disconnect();
  }
}

void main();
