/** Unit, contract, scenario and crash suites in one run; the build they start is made by `npm test`. */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  collectCoverageFrom: ['src/**/*.ts', 'local/**/*.ts'],
  testTimeout: 30_000,
};
