/** Unit, contract, scenario and crash suites in one run; the build they start is made by `npm test`. */
const config = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/{test,packages}/**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  setupFilesAfterEnv: ['<rootDir>/test/support/checked-fetch.ts'],
  collectCoverageFrom: ['{src,local}/**/*.ts', 'packages/*/src/**/*.ts'],
  // What runs in child processes (the whole system, crashes) is not counted, so the floor lies below the truth.
  modulePathIgnorePatterns: ['<rootDir>/.deploy', '<rootDir>/dist'],
  coverageReporters: ['text-summary'],
  coverageThreshold: {
    global: { statements: 78, branches: 72, functions: 77, lines: 79 },
    './src/domain/': { statements: 95, branches: 90, functions: 95, lines: 95 },
    './src/saga/': { statements: 94, branches: 88, functions: 95, lines: 94 },
  },
  testSequencer: '<rootDir>/jest.sequencer.cjs',
  // For what hangs: on a busy machine a start, or an order, takes many times as long as on an idle one.
  testTimeout: 300_000,
  // The long suites wait most of the time: for locks to end, for backoffs, for processes to come back.
  maxWorkers: 3,
};

module.exports = async () => {
  await import('./scripts/past-proxies.mjs');
  return config;
};
