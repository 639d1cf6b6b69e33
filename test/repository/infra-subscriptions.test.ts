// Events of the inventory and of carriers reach the app in Azure: the subscriptions of infra/event-subscriptions.bicep, and the hook that makes them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import local from '../../local/eventgrid/topics.json';
import { compiled, describeCompiled, mainPlan, planOf, type Properties } from '../support/infra';

const root = path.resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const { services } = parse(read('azure.yaml')) as {
  services: { api: { hooks: { postdeploy: Record<'posix' | 'windows', { shell: string; run: string }> } } };
};
const { posix, windows } = services.api.hooks.postdeploy;

describeCompiled('subscriptions to the topics of the inventory and of carriers', () => {
  const names = {
    ...{ functionAppName: 'func-x', storageAccountName: 'stx' },
    ...{ topicName: 'inventory-events', shippingTopicName: 'shipping-events' },
  };
  const subscriptions = planOf('event-subscriptions.bicep', names).resources.map(({ name, body }) => ({
    topic: name.split('/').at(-2),
    name: name.split('/').at(-1),
    properties: body['properties'] as {
      readonly destination: {
        readonly endpointType: string;
        readonly properties: { readonly resourceId: string };
      };
    } & Properties,
  }));

  test('are those that npm start makes, to the same functions', () => {
    const here = local.topics
      .filter(({ name }) => name === 'inventory-events' || name === 'shipping-events')
      .flatMap(({ name: topic, subscriptions: own = [] }) => own.map((one) => ({ topic, ...one })));
    expect(
      subscriptions.map(({ topic, name, properties: { destination } }) => [
        topic,
        name,
        destination.properties.resourceId.split('/functions/').at(-1),
      ]),
    ).toEqual(
      here.map(({ topic, name, endpointUrl }) => [topic, name, endpointUrl.split('functionName=').at(-1)]),
    );
  });

  test('go to functions that the app has', () => {
    const registered = ['handle-inventory-event', 'watch-stock', 'handle-shipping-event'].map(
      (file) => /app\.eventGrid\('(\w+)'/.exec(read(`src/functions/${file}.eventgrid.ts`))?.[1],
    );
    expect(
      subscriptions.map(({ properties }) => properties.destination.properties.resourceId.split('/').at(-1)),
    ).toEqual(registered);
  });

  test('try for a day, and keep what cannot be delivered in a container that exists', () => {
    const containers = mainPlan()
      .resources.filter(({ type }) => type.endsWith('/blobServices/containers'))
      .map(({ name }) => name.split('/').at(-1));
    for (const { properties } of subscriptions) {
      expect(properties).toMatchObject({
        retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 },
        deadLetterWithResourceIdentity: {
          identity: { type: 'SystemAssigned' },
          deadLetterDestination: { properties: { blobContainerName: 'event-dead-letters' } },
        },
      });
    }
    expect(containers).toContain('event-dead-letters');
  });

  test('are made from names that the first template puts out, by both hooks', () => {
    const { parameters } = compiled('event-subscriptions.bicep').template as {
      parameters: Readonly<Record<string, { readonly defaultValue?: unknown }>>;
    };
    const required = Object.keys(parameters).filter((name) => parameters[name]?.defaultValue === undefined);
    for (const { run } of [posix, windows]) {
      const script = read(run);
      for (const name of required) expect(script).toMatch(new RegExp(`\\b${name}="?\\$`));
      const given = [...script.matchAll(/\$(?:env:)?([A-Z]+_[A-Z_]+)/g)].map((match) => match[1] ?? '');
      const known = ['AZURE_SUBSCRIPTION_ID', 'RETRY_SECONDS', ...Object.keys(mainPlan().outputs)];
      expect(given.filter((name) => !known.includes(name))).toEqual([]);
    }
  });
});

describe('the hook after the deployment', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'hook-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs the hook with an `az` that fails so many times, and gives how it was called. */
  function run(failures: number): {
    readonly status: number | null;
    readonly calls: string[];
    readonly stderr: string;
  } {
    const log = path.join(folder, 'calls');
    writeFileSync(log, '');
    writeFileSync(
      path.join(folder, 'az'),
      `#!/bin/sh\necho "$*" >> '${log}'\n[ "$(wc -l < '${log}')" -gt ${failures} ]\n`,
      { mode: 0o755 },
    );
    const { status, stderr } = spawnSync('sh', [posix.run], {
      cwd: root,
      encoding: 'utf8',
      env: {
        PATH: `${folder}:${process.env['PATH'] ?? ''}`,
        ...{ AZURE_SUBSCRIPTION_ID: 'sub', AZURE_RESOURCE_GROUP: 'rg', AZURE_FUNCTION_APP_NAME: 'func-x' },
        ...{
          INVENTORY_TOPIC_NAME: 'evgt-x',
          SHIPPING_TOPIC_NAME: 'evgt-s',
          STORAGE_ACCOUNT_NAME: 'stx',
          RETRY_SECONDS: '0',
        },
      },
    });
    const calls = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return { status, calls, stderr };
  }

  test('deploys the subscriptions with the names that azd knows', () => {
    const { status, calls } = run(0);
    expect(status).toBe(0);
    expect(calls).toEqual([
      expect.stringContaining(
        '--template-file infra/event-subscriptions.bicep --parameters functionAppName=func-x topicName=evgt-x shippingTopicName=evgt-s storageAccountName=stx',
      ),
    ]);
  });

  test('tries again while the platform does not list the functions yet, and says at last that it gave up', () => {
    expect(run(4)).toMatchObject({ status: 0, calls: { length: 5 } });
    const { status, calls, stderr } = run(99);
    expect(status).toBe(1);
    expect(calls).toHaveLength(5);
    expect(stderr).toContain('could not be made in 5 attempts');
  });
});
