// The dependency rule (eslint/walls.mjs) and the determinism ban for orchestrator code, as lint.
import tseslint from 'typescript-eslint';
import { importWalls } from './eslint/import-walls.mjs';

const REPLAYED =
  'Orchestrator code is replayed: take time from df.currentUtcDateTime and effects from activities.';

/** It differs from one Node release to the next: two hosts would read the same order differently. */
const NO_LOCALE_DATA = 'Locale data differs between Node releases: keep a table, compare with < and >.';
const noLocaleData = { name: 'Intl', message: NO_LOCALE_DATA };

/** An orchestrator is replayed: whatever is not a function of its history breaks running sagas (S12). */
const determinism = {
  'no-restricted-globals': [
    'error',
    ...[
      'process',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'queueMicrotask',
      'fetch',
      'crypto',
      'performance',
    ].map((name) => ({
      name,
      message:
        'Orchestrator code is replayed: take time from df.currentUtcDateTime and effects from activities.',
    })),
    noLocaleData,
  ],
  'no-restricted-syntax': [
    'error',
    { selector: "MemberExpression[object.name='Date'][property.name='now']", message: REPLAYED },
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: REPLAYED },
    { selector: "CallExpression[callee.name='Date']", message: REPLAYED },
    {
      selector: "MemberExpression[object.name='Math'][property.name='random']",
      message: 'Not deterministic under replay.',
    },
    { selector: 'AwaitExpression', message: 'An orchestrator yields tasks; it never awaits.' },
    {
      selector: "NewExpression[callee.name='Promise']",
      message: 'An orchestrator yields tasks; it never awaits.',
    },
    { selector: "MemberExpression[object.name='globalThis']", message: 'Not deterministic under replay.' },
  ],
};

const CLOCK = 'Time is the clock’s that is handed in: a test holds it still, and moves it.';

/** Where the time of day is read. */
const wallClock = [
  "MemberExpression[object.name='Date'][property.name='now']",
  "NewExpression[callee.name='Date'][arguments.length=0]",
  "CallExpression[callee.name='Date']",
].map((selector) => ({ selector, message: CLOCK }));

const ELSEWHERE =
  'An orchestrator stands in a *.orchestrator.ts file and is imported from there: that is where the determinism ban holds.';

/** An orchestrator is a generator, or a function that gives one: outside such a file there is none to register. */
const noOrchestrator = {
  'no-restricted-syntax': [
    'error',
    { selector: ':function[generator=true][async=false]', message: ELSEWHERE },
    { selector: 'ImportSpecifier[imported.name=/^Orchestration(Handler|Context)$/]', message: ELSEWHERE },
    {
      selector: 'TSQualifiedName[right.name=/^Orchestration(Handler|Context)$/]',
      message: ELSEWHERE,
    },
    {
      selector: "CallExpression[callee.property.name='orchestration'][arguments.1.type!='Identifier']",
      message: ELSEWHERE,
    },
    {
      selector:
        "MemberExpression[property.name='orchestration']:not(CallExpression > MemberExpression.callee)",
      message: ELSEWHERE,
    },
  ],
};

/** The clocks themselves, pages in a browser, and a check of another's clock. */
const READS_THE_TIME = [
  'src/main.ts',
  'src/composition/start-telemetry.ts',
  'src/console/**',
  'packages/azure-local/src/kit/clock.ts',
  'packages/azure-local/src/cosmos/auth.ts',
];

/** Programs that Node runs as they are: they have no types, and the rest holds for them as for everything else. */
const PROGRAMS = [
  '*.{mjs,cjs}',
  '{scripts,.ci}/**/*.{mjs,cjs}',
  'packages/*/*.mjs',
  '{test/support,tools}/**/*.{mjs,cjs}',
];
const nodeGlobals = Object.fromEntries(
  Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly']),
);

export default tseslint.config(
  {
    ignores: [
      'dist',
      'coverage',
      '.local',
      '.deploy',
      'test/golden',
      'packages/*/dist',
      'packages/azure-local/test/golden',
    ],
  },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.{ts,tsx}'] })),
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: {
      parserOptions: {
        project: [
          'tsconfig.json',
          '{src/console,local,tools,test}/tsconfig.json',
          'packages/*/tsconfig.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.{ts,tsx,mjs,cjs,js}'],
    plugins: { walls: { rules: { imports: importWalls } } },
    languageOptions: { parser: tseslint.parser },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { 'walls/imports': 'error' },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-globals': ['error', noLocaleData],
      'no-restricted-properties': [
        'error',
        ...['localeCompare', 'toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'].map(
          (property) => ({ property, message: NO_LOCALE_DATA }),
        ),
      ],
    },
  },
  { files: ['src/{domain,saga}/**/*.ts', 'src/**/*.orchestrator.ts'], rules: determinism },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/{domain,saga}/**/*.ts', 'src/**/*.orchestrator.ts'],
    rules: noOrchestrator,
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/{domain,saga}/**/*.ts', 'src/**/*.orchestrator.ts', ...READS_THE_TIME],
    rules: { 'no-restricted-syntax': [...noOrchestrator['no-restricted-syntax'], ...wallClock] },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: READS_THE_TIME,
    rules: { 'no-restricted-syntax': ['error', ...wallClock] },
  },
  {
    files: [
      'local/cli/**/*.ts',
      'packages/azure-local/src/cli/**/*.ts',
      'packages/azure-local/src/supervisor/run-start.ts',
      'tools/{bench,crash/cli,chaos/cli}/**/*.ts',
      'tools/fuzz/*.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['{test,packages/*/test,packages/*/testing}/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-floating-promises': 'error' },
  },
  ...tseslint.configs.strict.map((config) => ({ ...config, files: PROGRAMS })),
  {
    files: PROGRAMS,
    languageOptions: { globals: nodeGlobals },
    rules: {
      'no-undef': 'error',
      'no-unused-vars': 'off',
      'no-var': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs' },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
