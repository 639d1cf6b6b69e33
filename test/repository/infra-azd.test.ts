// What azd does with the templates: azure.yaml, the parameters of an environment, and what one template tells the other.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import {
  azdParameters,
  compiled,
  describeCompiled,
  mainPlan,
  planOf,
  settingsOf,
  type Properties,
} from '../support/infra';

const root = path.resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

describeCompiled('azd', () => {
  interface Hook {
    readonly shell: string;
    readonly run: string;
  }
  interface Service {
    readonly host: string;
    readonly language: string;
    readonly dist?: string;
    readonly condition?: string;
    readonly docker?: { readonly path: string };
    readonly hooks?: Readonly<Record<string, { readonly posix: Hook; readonly windows: Hook }>>;
  }
  const { services } = parse(read('azure.yaml')) as { services: Readonly<Record<string, Service>> };
  const parametersIn = (file: string): Readonly<Record<string, string>> => {
    const { parameters } = JSON.parse(read(file)) as { parameters: Record<string, { value: string }> };
    return Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]));
  };
  const variable = (value: string): string => /^\$\{(\w+)(?:=(.*))?\}$/.exec(value)?.[1] ?? '';
  const simulatorsParameters = parametersIn('infra/simulators.parameters.json');
  const simulators = planOf('simulators.bicep', simulatorsParameters);

  test('finds for each service the resource that is tagged with its name', () => {
    const tagged = [...mainPlan().resources, ...simulators.resources].flatMap(({ type, body }) => {
      const service = (body['tags'] as Properties | undefined)?.['azd-service-name'];
      return service === undefined ? [] : [[service, type]];
    });
    expect(Object.fromEntries(tagged)).toEqual({
      api: 'Microsoft.Web/sites',
      simulators: 'Microsoft.App/containerApps',
    });
    expect(Object.entries(services).map(([name, { host }]) => [name, host])).toEqual([
      ['api', 'function'],
      ['simulators', 'containerapp'],
    ]);
  });

  test('packages the app by npm scripts that exist, and takes what they make', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const hook = services['api']?.hooks?.['prepackage'];
    for (const run of [hook?.posix.run ?? '', hook?.windows.run ?? '']) {
      const called = [...run.matchAll(/npm run ([\w-]+)/g)].map((match) => match[1] ?? '');
      expect(called).toEqual(['package']);
      expect(Object.keys(scripts)).toEqual(expect.arrayContaining(called));
    }
    expect(services['api']).toMatchObject({ language: 'custom', dist: '.deploy' });
    expect(read('scripts/package.mjs')).toContain("'.deploy'");
  });

  test('gives the templates parameters that they have, and the simulators what the first one put out', () => {
    const known = ['AZURE_ENV_NAME', 'SERVICE_SIMULATORS_IMAGE_NAME', ...Object.keys(mainPlan().outputs)];
    expect(
      Object.values(simulatorsParameters)
        .map(variable)
        .filter((name) => !known.includes(name)),
    ).toEqual([]);
  });

  test('lets `azd env set` choose every parameter, in words that the template takes', () => {
    const chosen = {
      ...{ DEPLOY_SIMULATORS: 'false', COSMOS_CAPACITY: 'autoscale', INSTANCE_MEMORY_MB: '512' },
      ALWAYS_READY: '[{"name":"durable","instanceCount":2}]',
      EVENT_SUBSCRIPTIONS: '["payment-failed-events"]',
    };
    expect(azdParameters(chosen)).toMatchObject({
      ...{ deploySimulators: false, cosmosCapacity: 'autoscale', instanceMemoryMB: 512 },
      alwaysReady: [{ name: 'durable', instanceCount: 2 }],
      eventSubscriptions: ['payment-failed-events'],
    });
    expect(() => azdParameters({ COSMOS_CAPACITY: 'dear' })).toThrow('dear');
    expect(services['simulators']?.condition).toBe('${DEPLOY_SIMULATORS=true}');
  });

  test('leaves what azd is not told as the template has it', () => {
    const { parameters } = compiled('main.bicep').template as {
      parameters: Readonly<Record<string, { readonly defaultValue?: unknown }>>;
    };
    const { environmentName, location, ...rest } = azdParameters({});
    expect([environmentName, location]).toEqual(['demo', 'westeurope']);
    const defaults = Object.entries(parameters).map(([name, { defaultValue }]) => [name, defaultValue]);
    // The operator's token is made once and kept in the vault; deliveries are a number that the app is built for.
    const kept = ['environmentName', 'location', 'operatorToken', 'maxDeliveryCount'];
    expect(rest).toEqual(Object.fromEntries(defaults.filter(([name]) => !kept.includes(String(name)))));
  });

  test('tells the app the address that the simulators will have', () => {
    const [app] = simulators.resources;
    // By a path that only the two know.
    const expected = new RegExp(
      `'{0}/payments', .*'https://${app?.name ?? ''}\\..*cae-token'.*\\.defaultDomain.*guid\\(`,
    );
    expect(settingsOf(mainPlan())['PaymentService__BaseUrl']).toMatch(expected);
    expect(mainPlan().outputs['SIMULATORS_PATH_PREFIX']).toMatch(/^\[guid\(.*id-simulators-token/);
    const image = read(services['simulators']?.docker?.path ?? '');
    const port = (app?.body['properties'] as { configuration: { ingress: { targetPort: number } } })
      .configuration.ingress.targetPort;
    expect(image).toContain(`EXPOSE ${port}\n`);
    expect(image).toContain(`"--port", "${port}"`);
  });

  test('says where the health of the app is asked for', () => {
    const { extensions } = JSON.parse(read('host.json')) as { extensions: { http: { routePrefix: string } } };
    expect(mainPlan().outputs['HEALTH_URL']).toContain(`/${extensions.http.routePrefix}/health'`);
    expect(mainPlan().outputs['CONSOLE_URL']).toContain(`/${extensions.http.routePrefix}/ui'`);
    expect(existsSync(path.join(root, 'src/functions/health.http.ts'))).toBe(true);
  });
});
