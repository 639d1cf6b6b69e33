// Rows of the app's settings, codes and fields in the table of who may import whom (walls.mjs): what everybody reads, and what
// knows nearly nobody.

export const SETTINGS_WALLS = {
  'src/config.ts': {
    why: 'settings',
    imports: [
      'src/feed-settings.ts',
      'src/identity',
      'src/saga-settings.ts',
      'src/service-settings.ts',
      'src/telemetry-settings.ts',
      'src/setting-kinds.ts',
      'src/saga/order',
      'src/validation.ts',
    ],
    packages: ['zod'],
  },
  'src/feed-settings.ts': {
    why: 'settings, with the pace that is the default of one',
    imports: ['src/projections', 'src/setting-kinds.ts'],
    packages: [],
  },
  'src/saga-settings.ts': {
    why: 'settings, with the steps and currencies that they name',
    imports: ['src/domain', 'src/saga/order', 'src/setting-kinds.ts', 'src/validation.ts'],
    packages: ['zod'],
  },
  'src/service-settings.ts': {
    why: 'settings',
    imports: ['src/setting-kinds.ts'],
    packages: ['zod'],
  },
  'src/telemetry-settings.ts': {
    why: 'settings',
    imports: ['src/setting-kinds.ts', 'src/validation.ts'],
    packages: ['zod'],
  },
  'src/setting-kinds.ts': {
    why: 'kinds of settings, one of which names a version of the saga',
    imports: ['src/saga/order', 'src/validation.ts'],
    packages: ['zod'],
  },
  'src/parse-config.ts': {
    why: 'settings',
    imports: ['src/config.ts', 'src/setting-kinds.ts', 'src/validation.ts'],
    packages: [],
  },
  'src/trigger-connections.ts': { why: 'settings', imports: ['src/config.ts'], packages: [] },
  'src/setting-warnings.ts': { why: 'settings', imports: ['src/config.ts'], packages: [] },
  'src/detail-codes.ts': { why: 'everybody imports it', imports: [], packages: [] },
  'src/error-codes.ts': {
    why: 'everybody imports it',
    imports: ['src/operator-codes.ts'],
    packages: [],
  },
  'src/operator-codes.ts': { why: 'everybody imports it', imports: [], packages: [] },
  'src/errors.ts': {
    why: 'everybody imports it',
    imports: ['src/detail-codes.ts', 'src/error-codes.ts'],
    packages: [],
  },
  'src/validation.ts': { why: 'everybody imports it', imports: [], packages: ['zod'] },
  'src/fields.ts': {
    why: 'fields that several inputs have',
    imports: ['src/domain', 'src/validation.ts'],
    packages: ['zod'],
  },
};
