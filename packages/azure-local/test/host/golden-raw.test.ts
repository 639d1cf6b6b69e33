// Requests byte by byte against the recordings of the platform (test/golden/host/raw_requests.json): targets, header
// bytes, hosts, versions, framing. What may differ stands in testing/host-differences.ts.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { removeChildren } from '../../testing/child-programs';
import { HEADERS_NOT_COMPARED, OTHER_RAW } from '../../testing/host-differences';
import { fixture, startHost, type HostProcess } from '../../testing/host-process';

interface RecordedRequest {
  /** Each character is a byte. */
  readonly sent: string;
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: unknown;
  readonly bodyText?: string;
}

/** The name under which the platform was asked: this host takes names of loopback only. */
const RECORDED_NAME = /(?<=Host: |"host": "|http:\/\/(?:u@)?)x(?=[:/?#\s"\\])/g;
const recordings = JSON.parse(
  readFileSync(path.resolve(__dirname, '../golden/host/raw_requests.json'), 'utf8').replace(
    RECORDED_NAME,
    'localhost',
  ),
) as Readonly<Record<string, RecordedRequest>>;

let host: HostProcess;
beforeAll(async () => {
  host = await startHost({ appRoot: fixture('host-golden'), isManual: true });
});
afterAll(removeChildren);

test.each(Object.entries(recordings))('%s is answered as recorded', async (name, recorded) => {
  const [head = '', ...rest] = (await host.raw(Buffer.from(recorded.sent, 'latin1'))).split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  const other = OTHER_RAW[name];
  expect(status).toBe(other?.here ?? recorded.status);
  expect(other?.here === recorded.status && other.isTold !== true).toBe(false);
  if (other !== undefined) return;
  const text = Buffer.from(rest.join('\r\n\r\n'), 'latin1').toString('utf8');
  if (recorded.body === undefined) expect(text).toBe(recorded.bodyText);
  else expect(JSON.parse(text)).toEqual(recorded.body);
  expect(comparable(lines)).toEqual(
    comparable(recorded.headers.map(([header, value]) => `${header}: ${value}`)),
  );
  expect((await host.request('/api/hello')).status).toBe(200);
});

test('every permitted difference is one of a recording', () => {
  expect(Object.keys(recordings)).toEqual(expect.arrayContaining(Object.keys(OTHER_RAW)));
});

const comparable = (lines: readonly string[]): string[] =>
  lines
    .map((line) => `${line.slice(0, line.indexOf(':')).toLowerCase()}${line.slice(line.indexOf(':'))}`)
    .filter((line) => !HEADERS_NOT_COMPARED.includes(line.slice(0, line.indexOf(':'))))
    .sort();
