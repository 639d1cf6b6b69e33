// Rows of the tests and of the programs under tools/ in the table of who may import whom (walls.mjs).
import { APP_WALLS } from './app-walls.mjs';
import { PLATFORM } from './platform-walls.mjs';

const APP = Object.keys(APP_WALLS).filter((row) => row !== 'src/main.ts');
const TOOLS = ['tools/bench', 'tools/chaos', 'tools/crash', 'tools/docs', 'tools/fuzz'];

const TEST_PACKAGES = [
  'node:*',
  '@azure/cosmos',
  '@azure/eventgrid',
  '@azure/functions',
  '@azure/functions-extensions-servicebus',
  '@azure/service-bus',
  '@opentelemetry/api',
  '@seriousme/openapi-schema-validator',
  'ajv-formats',
  'ajv/dist/2020',
  'currency-codes/iso-4217-list-one.xml',
  'durable-functions',
  'esbuild',
  'eslint',
  'fast-check',
  'libsql',
  'axe-core/axe.min.js',
  'playwright-core',
  'rhea',
  'rhea/lib/frames.js',
  'typescript',
  'typescript-eslint',
  'undici',
  'uuid',
  'yaml',
  'zod',
];

/** The suites: they may use whatever the repository has but each other. */
const SUITE = {
  why: 'suites know no other suite',
  imports: [...APP, ...PLATFORM, ...TOOLS, 'local', 'test/support', 'test/golden'],
  packages: TEST_PACKAGES,
  computed: true,
};

/** A program that works on the running system. */
const tool = (why, imports, packages) => ({
  why,
  imports: [...PLATFORM, 'local', 'test/support', ...imports],
  packages: ['node:*', ...packages],
  computed: true,
});

export const TEST_WALLS = {
  'test/support': {
    why: 'what suites and programs share',
    imports: [...APP, ...PLATFORM, 'local', 'tools/crash'],
    packages: TEST_PACKAGES,
    computed: true,
  },
  'tools/bench/apps': {
    why: 'apps that the function host is measured with',
    imports: [],
    packages: ['node:timers/promises', '@azure/functions', 'durable-functions', 'undici'],
  },
  'tools/bench/peers': {
    why: 'the peers are programs of their own, with packages of their own',
    imports: [],
    packages: [
      'node:*',
      '@azure/service-bus',
      '@dbos-inc/dbos-sdk',
      '@restatedev/restate-sdk',
      'pg',
      'undici',
    ],
  },
  'tools/bench': tool(
    'a program: it measures the system from outside',
    ['src/adapters', 'src/domain', 'src/events', 'src/projections', 'src/queries', 'src/saga/order'],
    ['@azure/cosmos', '@azure/service-bus', 'durable-functions', 'libsql', 'undici'],
  ),
  'tools/chaos': tool(
    'a program: it disturbs the system from outside',
    ['src/adapters', 'src/domain', 'src/events', 'src/projections', 'src/queries'],
    ['@azure/cosmos', '@azure/service-bus'],
  ),
  'tools/crash': tool(
    'a program: it ends the system at every point',
    ['src/adapters', 'src/commands', 'src/domain', 'src/ports', 'src/saga/order'],
    [],
  ),
  'tools/docs': tool(
    'a program: it writes what the documents repeat of the code',
    [
      'src/config.ts',
      'src/detail-codes.ts',
      'src/domain',
      'src/errors.ts',
      'src/events',
      'src/functions',
      'src/identity',
      'src/ports',
    ],
    ['typescript', 'zod'],
  ),
  'tools/fuzz': tool(
    'a program: it throws inputs at the system from outside',
    ['src/commands', 'src/errors.ts', 'src/functions'],
    ['@azure/cosmos', '@azure/service-bus', 'fast-check', 'uuid', 'zod'],
  ),
  'test/console': SUITE,
  'test/contract': SUITE,
  'test/crash': SUITE,
  'test/local': SUITE,
  'test/replay': SUITE,
  'test/repository': SUITE,
  'test/saga': SUITE,
  'test/scenario': SUITE,
  'test/tools': SUITE,
  'test/unit': SUITE,
  'test/fixtures': {
    why: 'apps that the local host is tried with',
    imports: [],
    packages: ['node:*', '@azure/functions', 'durable-functions'],
    computed: true,
  },
  'test/golden': { why: 'recordings', imports: [], packages: [] },
};
