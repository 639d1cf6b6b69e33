// The checks of `npm run doctor`, each with the fault it is there for.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkClock, checkData, checkSpace, judgeSpace } from '../../local/doctor/check-data';
import { checkHostJson } from '../../local/doctor/check-host-json';
import { checkPorts } from '../../local/doctor/check-ports';
import { checkProxies } from '../../local/doctor/check-proxies';
import { checkSettings } from '../../local/doctor/check-settings';
import { checkTools } from '../../local/doctor/check-tools';
import type { Finding } from '../../local/doctor/finding';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { Journal } from 'azure-local/storage/journal';
import { claimDataFolder, writeRunFile } from 'azure-local/supervisor/run-file';
import { freePorts, parseStartFlags, type StartOptions } from 'azure-local/supervisor/start-flags';

const ROOT = path.resolve(__dirname, '../..');
const LOADER = path.join(ROOT, 'dist/local/load-app.js');

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'order-saga-doctor-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function options(...flags: string[]): StartOptions {
  const command = parseStartFlags(['--data', folder, ...flags], ROOT);
  if (command.kind !== 'start') throw new Error(JSON.stringify(command));
  return command.options;
}

const told = (findings: readonly Finding[]): string[] =>
  findings.map(({ check, status, message }) => `${status} ${check}: ${message}`);

const matching = (text: string): string => expect.stringContaining(text) as string;

describe('proxies', () => {
  test('are reported by the names of their variables, never by their values', () => {
    const environment = {
      https_proxy: 'http://me:secret@proxy:3128',
      HTTP_PROXY: '',
      ALL_PROXY: 'socks5://p',
    };
    const [finding] = checkProxies(environment);
    expect(finding).toMatchObject({
      check: 'proxies',
      status: 'ok',
      message: matching('ALL_PROXY, https_proxy: '),
    });
    expect(JSON.stringify(finding)).not.toMatch(/secret|HTTP_PROXY/);
  });

  test('are none in an environment without them', () => {
    expect(told(checkProxies({ PATH: '/bin', NO_PROXY: '*' }))).toEqual([
      'ok proxies: the environment names none',
    ]);
  });
});

describe('host.json', () => {
  const write = (text: string): void => writeFileSync(path.join(folder, 'host.json'), text);
  const durable = (durableTask: object): string =>
    JSON.stringify({ version: '2.0', extensions: { durableTask } });

  test('of the repository is in order', () => {
    expect(told(checkHostJson(ROOT))).toEqual(['ok host.json: task hub OrderSagaHub']);
  });

  test.each([
    ['is not JSON', '{ "version": ', 'error host.json: ', 'could not be read'],
    ['has another version', '{"version":"3.0"}', 'error host.json: ', 'version in'],
    [
      'has a key without effect',
      durable({ hubName: 'Hub1' }).replace('{', '{"aggregator":{},'),
      'warning host.json: ',
      'aggregator in',
    ],
    [
      'has a value that the broker refuses',
      '{"version":"2.0","extensions":{"serviceBus":{"maxConcurrentCalls":0},"durableTask":{"hubName":"Hub1"}}}',
      'error host.json: ',
      'extensions.serviceBus.maxConcurrentCalls',
    ],
    ['names no task hub', durable({}), 'error task hub: ', 'is not set'],
    ['keeps the default task hub', durable({ hubName: 'TestHubName' }), 'error task hub: ', 'is the default'],
    [
      'names a task hub that storage refuses',
      durable({ hubName: 'my-hub' }),
      'error task hub: ',
      'is "my-hub"',
    ],
  ])('that %s is named', (_what, text, kind, message) => {
    write(text);
    const findings = checkHostJson(folder);
    expect(told(findings)).toEqual([expect.stringMatching(new RegExp(`^${kind}.*`))]);
    expect(findings[0]?.message).toContain(message);
    expect(findings[0]?.remedy).toBeDefined();
  });
});

describe('settings', () => {
  /** The app of the repository, with a local.settings.json of its own. */
  function appWith(settings: string | object | undefined): string {
    mkdirSync(path.join(folder, 'dist'));
    for (const file of ['package.json', 'dist/main.js'])
      copyFileSync(path.join(ROOT, file), path.join(folder, file));
    if (settings !== undefined) {
      const text = typeof settings === 'string' ? settings : JSON.stringify({ Values: settings });
      writeFileSync(path.join(folder, 'local.settings.json'), text);
    }
    return folder;
  }
  const check = (settings: string | object | undefined, ...flags: string[]): Finding[] =>
    checkSettings(options('--app', appWith(settings), ...flags), LOADER);
  const example = (
    JSON.parse(readFileSync(path.join(ROOT, 'local.settings.example.json'), 'utf8')) as { Values: object }
  ).Values;

  test('that npm start gives are taken, and so are those of the example', () => {
    expect(told(check(undefined))).toEqual(['ok settings: the app takes the settings of npm start']);
    rmSync(path.join(folder, 'dist'), { recursive: true });
    expect(told(check(example))).toEqual(['ok settings: the app takes the settings in local.settings.json']);
  });

  test('that are bad or missing are named, all of them', () => {
    const findings = check({
      ...example,
      OrderProcessing__SagaTimeoutMinutes: 'soon',
      PaymentService__BaseUrl: '',
    });
    expect(told(findings)).toEqual([matching('error settings: the app does not start')]);
    expect(findings[0]?.message).toContain('OrderProcessing:SagaTimeoutMinutes is "soon"');
    expect(findings[0]?.message).toContain('PaymentService:BaseUrl');
  });

  test('that nothing reads are named, with the nearest known name', () => {
    const findings = check({
      ...example,
      OrderProcessing__SagaTimoutMinutes: '5',
      'AzureWebJobs.X.Disabled': 'true',
    });
    expect(told(findings)).toEqual([
      'warning settings: nothing reads OrderProcessing__SagaTimoutMinutes in local.settings.json: it has no effect',
    ]);
    expect(findings[0]?.remedy).toContain('Is OrderProcessing:SagaTimeoutMinutes meant?');
  });

  test('on the command line are looked at like those in the file', () => {
    expect(
      told(check(undefined, '--set', 'OrderProcessing:MaxDeliveryCount=0', '--set', 'Nobody=1')),
    ).toEqual([
      'warning settings: nothing reads Nobody of npm start: it has no effect',
      matching('error settings: the app does not start'),
    ]);
  });

  test('that point beyond this machine are named', () => {
    const findings = check({ ...example, PaymentService__BaseUrl: 'https://pay.example' });
    expect(told(findings)).toContainEqual(
      'warning settings: local.settings.json points beyond this machine: PaymentService__BaseUrl',
    );
  });

  test('in a file that is not JSON, or encrypted, are named', () => {
    expect(told(check('{'))).toEqual([matching('is not JSON')]);
    rmSync(path.join(folder, 'dist'), { recursive: true });
    expect(told(check('{"IsEncrypted":true}'))).toEqual([matching('is encrypted')]);
  });
});

describe('ports', () => {
  const NONE = freePorts();

  test('that another program holds are named with their flag and, on Linux, the program', async () => {
    const server = createServer();
    const port = await listenOnLoopback(server, 0, 'test', '--port');
    const findings = await checkPorts(options(...NONE, '--cosmos-port', String(port)));
    server.close();
    expect(told(findings)).toEqual([matching(`error ports: port ${port} (--cosmos-port) is held by `)]);
    if (existsSync('/proc/net/tcp')) expect(findings[0]?.message).toContain(`(process ${process.pid})`);
    expect(findings[0]?.remedy).toContain('--cosmos-port <port>');
  });

  test('that the system of the data folder holds are as they should be', async () => {
    const server = createServer();
    const port = await listenOnLoopback(server, 0, 'test', '--port');
    const lock = claimDataFolder(folder);
    const url = `http://127.0.0.1:${port}`;
    writeRunFile(folder, {
      pids: { supervisor: process.pid, platform: 2, host: 3 },
      urls: { api: url, services: url, cosmos: url, servicebus: url, eventgrid: url },
    });
    const findings = await checkPorts(options(...NONE, '--port', String(port)));
    lock.release();
    server.close();
    expect(told(findings)).toEqual([`ok ports: the system runs: ${url} (process ${process.pid})`]);
  });

  test('that are free are reported, and no data folder is made', async () => {
    rmSync(folder, { recursive: true });
    expect(told(await checkPorts(options(...NONE)))).toEqual(['ok ports: 0, 0, 0, 0, 0 are free']);
    expect(existsSync(folder)).toBe(false);
  });
});

describe('the data folder', () => {
  async function database(name: string): Promise<string> {
    const file = path.join(folder, name);
    const journal = new Journal(file);
    journal.schema('CREATE TABLE notes (text)');
    const add = journal.statement('INSERT INTO notes VALUES (?)');
    await journal.write(() => Array.from({ length: 40 }, () => add.run('x'.repeat(2_000))));
    await journal.close();
    return file;
  }
  const overwrite = (file: string, at: number, bytes: Buffer): void => {
    const all = readFileSync(file);
    bytes.copy(all, at);
    writeFileSync(file, all);
  };

  test('in order is reported, and so is one that does not exist yet', async () => {
    await database('platform.db');
    expect(told(checkData(folder))).toEqual([`ok data folder: ${folder}`]);
    const later = path.join(folder, 'later');
    expect(told(checkData(later))).toEqual([`ok data folder: ${later} is made at the first start`]);
    expect(existsSync(later)).toBe(false);
  });

  test('with a database that is torn, newer or not ours is named', async () => {
    const platform = await database('platform.db');
    overwrite(platform, 60, Buffer.from([0, 0, 0, 9]));
    writeFileSync(path.join(folder, 'host.db'), 'not a database, but long enough to be taken for one');
    const findings = checkData(folder);
    expect(told(findings)).toEqual([
      matching(`error data folder: ${path.join(folder, 'host.db')} cannot be used: it is no SQLite database`),
      matching(`error data folder: ${platform} cannot be used: it has format 9`),
    ]);
    expect(findings[0]?.remedy).toContain('npm run reset');
  });

  test('with a database that is damaged within is named, and is left as it is', async () => {
    const file = await database('platform.db');
    overwrite(file, 8_192, Buffer.alloc(8_192, 0xa5));
    const before = readFileSync(file);
    expect(told(checkData(folder))).toEqual([matching(`error data folder: ${file} is damaged`)]);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('with files of others is named', () => {
    writeFileSync(path.join(folder, 'thesis.doc'), '');
    expect(told(checkData(folder))).toEqual([matching("holds what is not this app's: thesis.doc")]);
  });

  test('that a killed system left is named with its process', () => {
    const url = 'http://127.0.0.1:1';
    const pid = 2 ** 22 + 1;
    writeRunFile(folder, {
      pids: { supervisor: pid, platform: pid, host: pid },
      urls: { api: url, services: url, cosmos: url, servicebus: url, eventgrid: url },
    });
    expect(told(checkData(folder))).toEqual([
      `warning data folder: run.json was left by a system that was killed (process ${pid}): none of its processes runs`,
    ]);
  });

  test('on a disk with little space is named, and is refused with next to none', () => {
    expect(checkSpace(path.join(folder, 'not', 'there')).check).toBe('disk');
    expect(judgeSpace(folder, 10 * 2 ** 30).status).toBe('ok');
    expect(told([judgeSpace(folder, 2 ** 29)])).toEqual([`warning disk: 0.5 GB free for ${folder}`]);
    expect(told([judgeSpace(folder, 2 ** 24)])).toEqual([matching('error disk: 0.0 GB free')]);
  });

  test('that was changed after now is named: the clock has gone back', () => {
    const file = path.join(folder, 'platform.db-wal');
    writeFileSync(file, '');
    const nowMs = Date.UTC(2026, 0, 1);
    utimesSync(file, nowMs / 1_000, nowMs / 1_000);
    expect(checkClock(folder, nowMs).status).toBe('ok');
    expect(told([checkClock(folder, nowMs - 90_000)])).toEqual([
      matching('warning clock: it is 90 s before the last change'),
    ]);
  });
});

describe('tools', () => {
  test('that only Core Tools and Azure need are reported, and are errors with --azure', () => {
    writeFileSync(path.join(folder, 'func'), '');
    const finding = checkTools(false, folder)[0];
    expect(finding?.status).toBe('ok');
    expect(finding?.message).toMatch(/not in PATH: azurite .* az .* azd /);
    expect(told(checkTools(true, folder))).toEqual([
      'error tools: azurite is not in PATH; running under Core Tools needs it',
      'error tools: az is not in PATH; azd up needs it',
      'error tools: azd is not in PATH; azd up needs it',
    ]);
    for (const name of ['azurite', 'az', 'azd']) writeFileSync(path.join(folder, name), '');
    expect(told(checkTools(true, folder))).toEqual(['ok tools: func, azurite, az, azd']);
  });
});
