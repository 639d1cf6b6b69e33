// Table of who may import whom: eslint.config.mjs enforces it, test/unit/walls.test.ts tries every pair of it.
// The rule import-walls.mjs reads it. A place that is in no row may import nothing and be imported by nothing.
//
// Key: a folder with all that is below it, one file, or a pattern for file names. The first row that matches a file is
// its row. `imports`: other rows (a row's own files may always import one another). `packages`: what may be imported by
// exactly this name; 'node:*' is every module of Node. `computed`: may import by a name that is only known when it runs.

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
  'currency-codes/iso-4217-list-one.xml',
  'durable-functions',
  'esbuild',
  'eslint',
  'fast-check',
  'libsql',
  'rhea',
  'rhea/lib/frames.js',
  'typescript',
  'typescript-eslint',
  'undici',
  'uuid',
  'yaml',
  'zod',
];

const SRC = [
  'src/**/*.orchestrator.ts',
  'src/functions/*.durable.ts',
  'src/main.ts',
  'src/config.ts',
  'src/setting-warnings.ts',
  'src/detail-codes.ts',
  'src/errors.ts',
  'src/validation.ts',
  'src/fields.ts',
  'src/domain',
  'src/saga',
  'src/ports',
  'src/events',
  'src/observability',
  'src/queries',
  'src/projections',
  'src/commands',
  'src/activities',
  'src/consumers',
  'src/ops',
  'src/adapters',
  'src/functions',
];

/** The suites: they may use whatever the repository has but each other. */
const SUITE = {
  why: 'suites know no other suite',
  imports: [
    ...SRC.filter((row) => row !== 'src/main.ts'),
    'local',
    'test/support',
    'test/golden',
    'test/bench',
    'test/chaos',
    'test/fuzz',
  ],
  packages: TEST_PACKAGES,
  computed: true,
};

export const WALLS = {
  // The app. Its rows import one another in one direction: domain ← … ← main.
  'src/**/*.orchestrator.ts': {
    why: 'an orchestrator is replayed',
    imports: ['src/domain', 'src/saga'],
    packages: ['durable-functions'],
  },
  'src/functions/*.durable.ts': {
    why: 'what is registered with the Durable SDK',
    imports: [
      'src/**/*.orchestrator.ts',
      'src/activities',
      'src/adapters',
      'src/commands',
      'src/observability',
      'src/ports',
    ],
    packages: ['@azure/functions', 'durable-functions'],
  },
  'src/main.ts': {
    why: 'the composition root',
    imports: [
      'src/activities',
      'src/adapters',
      'src/commands',
      'src/config.ts',
      'src/consumers',
      'src/functions',
      'src/functions/*.durable.ts',
      'src/observability',
      'src/ops',
      'src/ports',
      'src/projections',
      'src/queries',
      'src/setting-warnings.ts',
    ],
    packages: ['@azure/functions', 'node:dns/promises'],
  },
  'src/config.ts': {
    why: 'settings, one of which names a version of the saga',
    imports: ['src/saga', 'src/validation.ts'],
    packages: ['zod'],
  },
  'src/setting-warnings.ts': { why: 'settings', imports: ['src/config.ts'], packages: [] },
  'src/detail-codes.ts': { why: 'everybody imports it', imports: [], packages: [] },
  'src/errors.ts': { why: 'everybody imports it', imports: ['src/detail-codes.ts'], packages: [] },
  'src/validation.ts': { why: 'everybody imports it', imports: [], packages: ['zod'] },
  'src/fields.ts': {
    why: 'fields that several inputs have',
    imports: ['src/domain', 'src/validation.ts'],
    packages: ['zod'],
  },
  'src/domain': { why: 'domain/ is pure', imports: [], packages: [] },
  'src/saga': { why: 'saga/ is replayed', imports: ['src/domain'], packages: [] },
  'src/ports': {
    why: 'ports/ are interfaces in the words of the domain',
    imports: ['src/domain'],
    packages: [],
  },
  'src/events': {
    why: 'events/ know ports, not adapters, and no saga',
    imports: ['src/domain', 'src/errors.ts', 'src/ports', 'src/validation.ts'],
    packages: ['node:crypto', 'zod'],
  },
  'src/observability': { why: 'logs and traces', imports: ['src/ports'], packages: ['node:crypto'] },
  'src/queries': {
    why: 'queries/ read, and know ports, not adapters',
    imports: ['src/domain', 'src/errors.ts', 'src/events', 'src/fields.ts', 'src/ports', 'src/validation.ts'],
    packages: ['node:crypto', 'node:timers/promises', 'zod'],
  },
  'src/projections': {
    why: 'projections/ fold events, and know ports, not adapters',
    imports: ['src/domain', 'src/errors.ts', 'src/events', 'src/ports', 'src/queries'],
    packages: ['node:crypto'],
  },
  'src/commands': {
    why: 'commands/ know ports, not adapters',
    imports: [
      'src/domain',
      'src/errors.ts',
      'src/events',
      'src/fields.ts',
      'src/observability',
      'src/ports',
      'src/saga',
      'src/validation.ts',
    ],
    packages: ['node:crypto', 'uuid', 'zod'],
  },
  'src/activities': {
    why: 'activities/ know ports, not adapters',
    imports: ['src/commands', 'src/domain', 'src/errors.ts', 'src/events', 'src/ports', 'src/saga'],
    packages: [],
  },
  'src/consumers': {
    why: 'consumers/ know ports, not adapters',
    imports: ['src/domain', 'src/errors.ts', 'src/events', 'src/fields.ts', 'src/ports', 'src/validation.ts'],
    packages: ['zod'],
  },
  'src/ops': {
    why: 'ops/ know ports, not adapters',
    imports: [
      'src/commands',
      'src/domain',
      'src/errors.ts',
      'src/events',
      'src/ports',
      'src/projections',
      'src/saga',
    ],
    packages: [],
  },
  'src/adapters': {
    why: 'adapters/ are where the SDK clients live; they know no trigger and no command',
    imports: ['src/domain', 'src/errors.ts', 'src/events', 'src/ports', 'src/projections', 'src/saga'],
    packages: [
      '@azure/cosmos',
      '@azure/eventgrid',
      // Its index registers a binding that this app does not have.
      '@azure/functions-extensions-servicebus/dist/azure-functions-extensions-servicebus',
      '@azure/identity',
      '@azure/service-bus',
      'cockatiel',
      'durable-functions',
      'node:async_hooks',
      'node:crypto',
      'undici',
      'zod',
    ],
  },
  'src/functions': {
    why: 'functions/ decode, call and encode',
    imports: [
      'src/functions/*.durable.ts',
      'src/adapters',
      'src/commands',
      'src/consumers',
      'src/domain',
      'src/errors.ts',
      'src/events',
      'src/fields.ts',
      'src/observability',
      'src/ops',
      'src/ports',
      'src/projections',
      'src/queries',
      'src/validation.ts',
    ],
    packages: ['@azure/functions', 'node:crypto', 'node:timers/promises', 'zod'],
  },

  // The local host. It loads the built app by package.json "main".
  local: {
    why: 'local/ loads the built app by package.json "main"',
    imports: [],
    packages: [
      'node:*',
      '@azure/cosmos',
      '@azure/eventgrid',
      '@azure/service-bus',
      '@grpc/grpc-js',
      'cron-parser',
      'libsql',
      'rhea',
      'zod',
    ],
    computed: true,
  },

  // The tests, and the programs that stand among them.
  'test/support': {
    why: 'what suites and programs share',
    imports: [...SRC.filter((row) => row !== 'src/main.ts'), 'local'],
    packages: TEST_PACKAGES,
    computed: true,
  },
  'test/bench': {
    why: 'a program: it measures the system from outside',
    imports: ['src/adapters', 'src/domain', 'src/projections', 'src/queries', 'local', 'test/support'],
    packages: [
      'node:*',
      '@azure/cosmos',
      '@azure/eventgrid',
      '@azure/service-bus',
      'durable-functions',
      'libsql',
      'undici',
    ],
    computed: true,
  },
  'test/chaos': {
    why: 'a program: it disturbs the system from outside',
    imports: [
      'src/adapters',
      'src/domain',
      'src/events',
      'src/projections',
      'src/queries',
      'local',
      'test/support',
    ],
    packages: ['node:*', '@azure/cosmos', '@azure/service-bus'],
    computed: true,
  },
  'test/fuzz': {
    why: 'a program: it throws inputs at the system from outside',
    imports: ['src/commands', 'src/errors.ts', 'local', 'test/support'],
    packages: ['node:*', '@azure/cosmos', '@azure/service-bus', 'fast-check', 'uuid', 'zod'],
    computed: true,
  },
  'test/contract': SUITE,
  'test/crash': SUITE,
  'test/replay': SUITE,
  'test/saga': SUITE,
  'test/scenario': SUITE,
  'test/unit': SUITE,
  'test/fixtures': {
    why: 'apps that the local host is tried with',
    imports: [],
    packages: ['node:*', '@azure/functions', '@azure/functions-extensions-servicebus', 'durable-functions'],
    computed: true,
  },
  'test/golden': {
    why: 'recordings, and the app that was recorded',
    imports: [],
    packages: ['@azure/functions', 'durable-functions', 'node:fs', 'node:path'],
  },

  // What runs before anything is built.
  scripts: {
    why: 'scripts/ run before anything is built',
    imports: [],
    packages: ['node:*', 'esbuild', 'prettier'],
    computed: true,
  },
  eslint: { why: 'the lint rules', imports: [], packages: ['node:module', 'node:path'] },
  'eslint.config.mjs': {
    why: 'the lint configuration',
    imports: ['eslint'],
    packages: ['typescript-eslint'],
  },
  'jest.config.cjs': { why: 'the test configuration', imports: ['scripts'], packages: [] },
  '.ci': { why: 'run by the build server', imports: [], packages: ['node:*'] },
};

/** The row of a file or folder (a path from the root of the repository, with or without its ending); undefined outside. */
export function rowOf(place, walls = WALLS) {
  return Object.keys(walls).find((key) => matches(key, place));
}

function matches(key, place) {
  if (place === key || place.startsWith(`${key}/`)) return true;
  if (/\.[cm]?[jt]s$/.test(key) && !key.includes('*')) return withoutEnding(place) === withoutEnding(key);
  return key.includes('*') && patternOf(key).test(withoutEnding(place));
}

const withoutEnding = (file) => file.replace(/\.[cm]?[jt]s$/, '');

/** A pattern as a regular expression for names without their ending: `**` is any folder, `*` any name in one folder. */
function patternOf(key) {
  const parts = { '**/*': '.*', '*': '[^/]*', '.': '\\.' };
  return new RegExp(`^${withoutEnding(key).replaceAll(/\*\*\/\*|\*|\./g, (part) => parts[part])}$`);
}
