// Rows of the local platform in the table of who may import whom (walls.mjs): the packages, and how this app starts on them.

const AZURE_LOCAL = 'packages/azure-local';
const inAzureLocal = (...folders) => folders.map((folder) => `${AZURE_LOCAL}/src/${folder}`);

/** Rows of every part of azure-local. */
const PARTS = [
  'kit',
  'storage',
  'cosmos',
  'durable',
  'eventgrid',
  'servicebus',
  'telemetry',
  'host',
  'supervisor',
  'cli',
];

/** Everything that a program or a test outside may use of the packages. */
export const PLATFORM = [
  ...inAzureLocal(...PARTS.filter((part) => part !== 'cli')),
  `${AZURE_LOCAL}/testing`,
  'packages/simulators/src',
  'packages/simulators/testing',
];

const TEST_PACKAGES = [
  'node:*',
  '@azure/cosmos',
  '@azure/eventgrid',
  '@azure/functions',
  '@azure/functions-core',
  '@azure/functions-extensions-servicebus',
  '@azure/service-bus',
  '@grpc/grpc-js',
  '@grpc/proto-loader',
  'durable-functions',
  'esbuild',
  'esbuild/bin/esbuild',
  'fast-check',
  'libsql',
  'rhea',
  'rhea/lib/frames.js',
  'undici',
];

const part = (name, imports, packages = []) => ({
  [`${AZURE_LOCAL}/src/${name}`]: {
    why: `azure-local knows no app, and its parts import one another in one direction`,
    imports: inAzureLocal(...imports),
    packages: ['node:*', ...packages],
    computed: name === 'host',
  },
});

export const PLATFORM_WALLS = {
  ...part('kit', [], ['rhea']),
  ...part('storage', ['kit'], ['libsql']),
  ...part('cosmos', ['kit', 'storage'], ['zod']),
  ...part('durable', ['kit', 'storage'], ['zod']),
  ...part('eventgrid', ['kit', 'storage'], ['zod']),
  ...part('servicebus', ['kit', 'storage'], ['rhea', 'zod']),
  ...part('telemetry', ['kit', 'storage'], ['zod']),
  ...part(
    'host',
    ['durable', 'kit', 'storage'],
    ['@azure/cosmos', '@azure/eventgrid', '@azure/service-bus', '@grpc/grpc-js', 'cron-parser', 'rhea'],
  ),
  ...part(
    'supervisor',
    ['cosmos', 'durable', 'eventgrid', 'kit', 'servicebus', 'storage', 'telemetry'],
    ['libsql', 'zod'],
  ),
  ...part('cli', ['durable', 'host', 'kit', 'storage', 'supervisor']),
  [`${AZURE_LOCAL}/testing`]: {
    why: 'what tests of azure-local share with those of an app',
    imports: inAzureLocal(...PARTS),
    packages: TEST_PACKAGES,
    computed: true,
  },
  [`${AZURE_LOCAL}/test/fixtures`]: {
    why: 'apps that the function host is tried with',
    imports: [],
    packages: ['node:*', '@azure/functions', '@azure/functions-extensions-servicebus', 'durable-functions'],
    computed: true,
  },
  [`${AZURE_LOCAL}/test/golden`]: {
    why: 'recordings, and the app that was recorded',
    imports: [],
    packages: ['@azure/functions', 'durable-functions', 'node:fs', 'node:path'],
  },
  [`${AZURE_LOCAL}/test`]: {
    why: 'tests of azure-local know no app',
    imports: [...inAzureLocal(...PARTS), `${AZURE_LOCAL}/testing`, `${AZURE_LOCAL}/test/golden`],
    packages: TEST_PACKAGES,
    computed: true,
  },
  [`${AZURE_LOCAL}/example`]: {
    why: 'an app as anybody would write it',
    imports: [],
    packages: ['@azure/cosmos', '@azure/functions', 'durable-functions'],
  },
  [`${AZURE_LOCAL}/build.mjs`]: {
    why: 'runs before it is packed',
    imports: [],
    packages: ['node:*', 'esbuild'],
  },
  'packages/simulators/src': {
    why: 'the simulated services know the kit and the journal, and nothing of the app',
    imports: inAzureLocal('kit', 'storage'),
    packages: ['node:*', 'zod'],
  },
  'packages/simulators/testing': {
    why: 'what tests of the simulators share with those of the app',
    imports: [...inAzureLocal('kit', 'storage'), 'packages/simulators/src'],
    packages: ['node:*', 'undici'],
  },
  'packages/simulators/test': {
    why: 'tests of the simulators know no app',
    imports: [...PLATFORM],
    packages: ['node:*', 'fast-check', 'undici'],
  },
  local: {
    why: 'local/ loads the built app by package.json "main"',
    imports: PLATFORM.filter((row) => row.endsWith('/testing') === false),
    packages: ['node:*', '@azure/service-bus', 'libsql'],
    computed: true,
  },
};
