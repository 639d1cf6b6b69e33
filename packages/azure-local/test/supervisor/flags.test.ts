import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readOptions } from '../../src/supervisor/child-program';
import { settingsBeyondLoopback } from '../../src/supervisor/loopback';
import { hostEnvironment, readLocalSettings } from '../../src/supervisor/settings';
import { parseStartFlags, startUsage } from '../../src/supervisor/start-flags';

describe('flags', () => {
  const parse = (...argv: string[]): ReturnType<typeof parseStartFlags> => parseStartFlags(argv, '/app');

  test('have the ports and folders of the documentation as defaults', () => {
    expect(parse()).toEqual({
      kind: 'start',
      options: {
        port: 7071,
        servicesPort: 7072,
        eventgridPort: 7073,
        telemetryPort: 4318,
        cosmosPort: 8081,
        servicebusPort: 5672,
        dataDir: '/app/.local',
        appRoot: '/app',
        otherApps: [],
        settings: {},
        useSettings: false,
        keys: false,
        storage: 'atomic',
        visibilityMs: 0,
        verbose: false,
        hosts: 1,
      },
    });
  });

  test('are all read, --set as often as it is given and split at its first "="', () => {
    const flags =
      '--port 0 --services-port 1 --cosmos-port 2 --data x --app /y --use-settings --keys --verbose';
    const command = parse(...flags.split(' '), '--set', 'A:B=1=2', '--set=C=', '--eventgrid-port=3');
    expect(command).toMatchObject({
      options: {
        port: 0,
        servicesPort: 1,
        cosmosPort: 2,
        eventgridPort: 3,
        telemetryPort: 4318,
        dataDir: '/app/x',
        appRoot: '/y',
        settings: { 'A:B': '1=2', C: '' },
        useSettings: true,
        keys: true,
        verbose: true,
      },
    });
  });

  test('give each host an app of its own', () => {
    expect(parse('--hosts', '2', '--app', 'a', '--app', '/b')).toMatchObject({
      options: { appRoot: '/app/a', otherApps: ['/b'] },
    });
  });

  test.each([
    [['--prot', '1'], "'--prot'"],
    [['7071'], "'7071'"],
    [['--port', 'http'], '--port takes a number from 0 to 65535, not "http"'],
    [['--cosmos-port', '65536'], '--cosmos-port takes a number'],
    [['--set', 'Name'], '--set takes Name=value, not "Name"'],
    [['--keys=yes'], '--keys'],
    [['--storage', 'nfs'], '--storage takes atomic or azure, not "nfs"'],
    [['--visibility', '5'], '--visibility goes with --storage azure'],
    [['--storage', 'azure', '--visibility', '2'], '--visibility takes seconds, 3 or more, not "2"'],
    [['--storage', 'azure', '--visibility', '1m'], '--visibility takes seconds, 3 or more, not "1m"'],
    [['--app', 'a', '--app', 'b'], '--app is given 2 times for 1 host(s)'],
  ])('%j are refused with a sentence that names the fault', (argv, fault) => {
    expect(parse(...argv)).toEqual({ kind: 'refused', problem: expect.stringContaining(fault) as string });
  });

  test('--visibility is read in seconds', () => {
    expect(parse('--storage', 'azure', '--visibility', '5')).toMatchObject({
      options: { storage: 'azure', visibilityMs: 5_000 },
    });
  });

  test('--help lists every flag with its default', () => {
    expect(parse('--help')).toEqual({ kind: 'help' });
    const usage = startUsage('npx azure-local');
    for (const text of [
      '--port <port>',
      '(7071)',
      '--set <Name=value>',
      '(.local)',
      '--use-settings',
      '--keys',
    ]) {
      expect(usage).toContain(text);
    }
  });
});

describe('the environment of the host', () => {
  const lookAlikes = {
    PaymentService__BaseUrl: 'http://127.0.0.1:2/payments',
    ShippingService__BaseUrl: 'http://127.0.0.1:2/shipping',
  };

  test('lets the later layer win, however its name is written', () => {
    const environment = hostEnvironment(
      { PATH: '/bin', 'PaymentService:BaseUrl': 'inherited', ShippingService__BaseUrl: 'inherited' },
      lookAlikes,
      { 'ShippingService:BaseUrl': 'local' },
      { ShippingService__BaseUrl: 'set' },
    );
    expect(environment).toMatchObject({
      PATH: '/bin',
      PaymentService__BaseUrl: 'http://127.0.0.1:2/payments',
      ShippingService__BaseUrl: 'set',
    });
    expect(Object.keys(environment).filter((name) => name.includes(':'))).toEqual([]);
  });
});

describe('local.settings.json', () => {
  let folder: string;
  const write = (text: string): void => writeFileSync(path.join(folder, 'local.settings.json'), text);

  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'order-saga-settings-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  test('gives its Values', () => {
    write('{ "IsEncrypted": false, "Values": { "A__B": "1" }, "Host": { "LocalHttpPort": 9 } }');
    expect(readLocalSettings(folder)).toEqual({ A__B: '1' });
  });

  test.each([
    ['{', 'is not JSON'],
    ['{ "IsEncrypted": true }', 'func settings decrypt'],
    ['{ "Values": { "A": 1 } }', 'Values.A'],
  ])('%s is refused with what to do', (text, fault) => {
    write(text);
    expect(() => readLocalSettings(folder)).toThrow(fault);
  });

  test('that is missing is refused with what to do', () => {
    expect(() => readLocalSettings(folder)).toThrow('copy local.settings.example.json');
  });
});

describe('settings beyond loopback', () => {
  test.each([
    ['Cosmos', 'AccountEndpoint=https://prod.documents.azure.com:443/;AccountKey=secret;'],
    ['ServiceBusConnection', 'Endpoint=sb://prod.servicebus.windows.net/;SharedAccessKey=secret'],
    ['ServiceBusConnection__fullyQualifiedNamespace', 'prod.servicebus.windows.net'],
    ['AzureWebJobsStorage', 'DefaultEndpointsProtocol=https;AccountName=prod;AccountKey=secret'],
    ['Mixed', 'http://localhost:1 https://prod.example'],
    ['Lookalike', 'http://localhost.example.com/'],
    ['User', 'http://localhost@prod.example/'],
  ])('are named: %s', (name, value) => {
    expect(settingsBeyondLoopback({ [name]: value })).toEqual([name]);
  });

  test.each([
    'UseDevelopmentStorage=true',
    'http://127.0.0.1:7072/inventory',
    'Endpoint=sb://localhost;SharedAccessKey=x;UseDevelopmentEmulator=true',
    'AccountEndpoint=http://[::1]:8081/;AccountKey=x;',
    'AccountName=devstoreaccount1;AccountKey=x;BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;',
    'node',
    '',
  ])('are not: %s', (value) => {
    expect(settingsBeyondLoopback({ Name: value })).toEqual([]);
  });
});

describe('the options of a child program', () => {
  const defaults = { dataDir: '.local', port: 7071 };

  test('are laid over the defaults', () => {
    expect(readOptions(undefined, defaults)).toEqual(defaults);
    expect(readOptions('{"port":0}', defaults)).toEqual({ dataDir: '.local', port: 0 });
  });

  test.each([
    ['{"prot":1}', '"prot" is not one of dataDir, port'],
    ['{"port":"1"}', '"port" is a number, not "1"'],
    ['[]', 'one JSON object'],
    ['port', 'one JSON object'],
  ])('%s is refused', (text, fault) => {
    expect(() => readOptions(text, defaults)).toThrow(fault);
  });
});
