// Every error code that the app gives is registered with what it means and what to do, and no other.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { DETAIL_CODES } from '../../src/detail-codes';
import { ERROR_CODES } from '../../src/errors';
import { codesIn, codesInFile } from '../support/codes-in-source';
import { repositoryRoot } from '../support/lint-texts';

const src = path.join(repositoryRoot, 'src');
const REGISTRIES = ['error-codes.ts', 'detail-codes.ts'];
/** In the same form, and no codes of the app: of Node and its HTTP client, of an SDK, and settings of the platform. */
const OTHERS = [
  'EAI_AGAIN',
  'EEXIST',
  'ENOENT',
  'UND_ERR_CONNECT_TIMEOUT',
  'EEXIST',
  'REQUEST_SEND_ERROR',
  'WEBSITE_AUTH_ENABLED',
  'WEBSITE_INSTANCE_ID',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_METRIC_EXPORT_INTERVAL',
  'OTEL_SERVICE_NAME',
  'OTEL_TRACES_SAMPLER_ARG',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_SDKSTATS_DISABLED',
  'APPLICATION_INSIGHTS_NO_STATSBEAT',
];
/** Made from the runtime status of a saga (repair-order.ts). */
const FROM_STATUS = ['COMPLETED', 'FAILED', 'LOST', 'TERMINATED'];

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !REGISTRIES.includes(file),
);
const given = new Map(files.map((file) => [file, codesInFile(path.join(src, file))]));
const registered = [...Object.keys(ERROR_CODES), ...Object.keys(DETAIL_CODES)];

describe('error codes', () => {
  test('that the app gives are registered', () => {
    const missing = [...given].flatMap(([file, codes]) =>
      codes
        .filter((code) => !registered.includes(code) && !OTHERS.includes(code))
        .map((code) => `${file}: ${code}`),
    );
    expect(missing).toEqual([]);
  });

  test('that are registered are given by the app', () => {
    const found = new Set([...[...given.values()].flat(), ...FROM_STATUS]);
    expect(registered.filter((code) => !found.has(code))).toEqual([]);
  });

  test('are registered once', () => {
    expect(Object.keys(ERROR_CODES).filter((code) => code in DETAIL_CODES)).toEqual([]);
  });

  test('say in words what they mean and what to do', () => {
    const silent = Object.entries({ ...ERROR_CODES, ...DETAIL_CODES }).filter(
      ([, { meaning, remedy }]) => meaning.length < 10 || remedy.length < 10,
    );
    expect(silent).toEqual([]);
  });
});

describe('the search for codes', () => {
  test.each([
    ["throw new TransientError('A_CODE', 'x');", ['A_CODE']],
    ["throw new TerminalError('BROKEN', 'x');", ['BROKEN']],
    ["throw new HttpProblem('GONE', 'x');", ['GONE']],
    ["const a = { kind: 'refused', detailCode: 'LATE' };", ['LATE']],
    ["const a = { code: b ? 'ONE' : 'TWO' };", ['ONE', 'TWO']],
    ["intervention(input, 'TOO_LATE', reason);", ['TOO_LATE']],
    ["if (outcome.detailCode === 'CLOSED') return;", ['CLOSED']],
    ["const a = { method: 'POST', text: 'no CODE_IN text' };", []],
    ["type A = 'A_CODE';", []],
  ])('finds in %j the codes %j', (text, codes) => {
    expect(codesIn('a.ts', text)).toEqual(codes);
  });
});
