// The checks of `npm run doctor` on the environment, host.json, settings and tools, each with the fault that it finds.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkHostJson } from '../../local/doctor/check-host-json';
import { checkProxies } from '../../local/doctor/check-proxies';
import { checkSettings } from '../../local/doctor/check-settings';
import { checkTools } from '../../local/doctor/check-tools';
import type { Finding } from '../../local/doctor/finding';
import { folder, folderPerTest, linesOf, matching, ROOT, startOptions } from '../support/doctor-fixture';

const LOADER = path.join(ROOT, 'dist/local/load-app.js');

folderPerTest();

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
    expect(linesOf(checkProxies({ PATH: '/bin', NO_PROXY: '*' }))).toEqual([
      'ok proxies: the environment names none',
    ]);
  });
});

describe('host.json', () => {
  const write = (text: string): void => writeFileSync(path.join(folder, 'host.json'), text);
  const durable = (durableTask: object): string =>
    JSON.stringify({ version: '2.0', extensions: { durableTask } });

  test('of the repository is in order', () => {
    expect(linesOf(checkHostJson(ROOT))).toEqual(['ok host.json: task hub OrderSagaHub']);
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
    expect(linesOf(findings)).toEqual([expect.stringMatching(new RegExp(`^${kind}.*`))]);
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
    checkSettings(startOptions(folder, '--app', appWith(settings), ...flags), LOADER);
  const example = (
    JSON.parse(readFileSync(path.join(ROOT, 'local.settings.example.json'), 'utf8')) as { Values: object }
  ).Values;

  test('that npm start gives are taken, and so are those of the example', () => {
    expect(linesOf(check(undefined))).toEqual(['ok settings: the app takes the settings of npm start']);
    rmSync(path.join(folder, 'dist'), { recursive: true });
    expect(linesOf(check(example))).toEqual([
      'ok settings: the app takes the settings in local.settings.json',
    ]);
  });

  test('that are bad or missing are named, all of them', () => {
    const findings = check({
      ...example,
      OrderProcessing__SagaTimeoutMinutes: 'soon',
      PaymentService__BaseUrl: '',
    });
    expect(linesOf(findings)).toEqual([matching('error settings: the app does not start')]);
    expect(findings[0]?.message).toContain('OrderProcessing:SagaTimeoutMinutes is "soon"');
    expect(findings[0]?.message).toContain('PaymentService:BaseUrl');
  });

  test('that nothing reads are named, with the nearest known name', () => {
    const findings = check({
      ...example,
      OrderProcessing__SagaTimoutMinutes: '5',
      'AzureWebJobs.X.Disabled': 'true',
    });
    expect(linesOf(findings)).toEqual([
      'warning settings: nothing reads OrderProcessing__SagaTimoutMinutes in local.settings.json: it has no effect',
    ]);
    expect(findings[0]?.remedy).toContain('Is OrderProcessing:SagaTimeoutMinutes meant?');
  });

  test('on the command line are looked at like those in the file', () => {
    expect(
      linesOf(check(undefined, '--set', 'OrderProcessing:MaxDeliveryCount=0', '--set', 'Nobody=1')),
    ).toEqual([
      'warning settings: nothing reads Nobody of npm start: it has no effect',
      matching('error settings: the app does not start'),
    ]);
  });

  test('that point beyond this machine are named', () => {
    const findings = check({ ...example, PaymentService__BaseUrl: 'https://pay.example' });
    expect(linesOf(findings)).toContainEqual(
      'warning settings: local.settings.json points beyond this machine: PaymentService__BaseUrl',
    );
  });

  test('in a file that is not JSON, or encrypted, are named', () => {
    expect(linesOf(check('{'))).toEqual([matching('is not JSON')]);
    rmSync(path.join(folder, 'dist'), { recursive: true });
    expect(linesOf(check('{"IsEncrypted":true}'))).toEqual([matching('is encrypted')]);
  });
});

describe('tools', () => {
  test('that only Core Tools and Azure need are reported, and are errors with --azure', () => {
    writeFileSync(path.join(folder, 'func'), '');
    const finding = checkTools(false, folder)[0];
    expect(finding?.status).toBe('ok');
    expect(finding?.message).toMatch(/not in PATH: azurite .* az .* azd /);
    expect(linesOf(checkTools(true, folder))).toEqual([
      'error tools: azurite is not in PATH; running under Core Tools needs it',
      'error tools: az is not in PATH; azd up needs it',
      'error tools: azd is not in PATH; azd up needs it',
    ]);
    for (const name of ['azurite', 'az', 'azd']) writeFileSync(path.join(folder, name), '');
    expect(linesOf(checkTools(true, folder))).toEqual(['ok tools: func, azurite, az, azd']);
  });
});
