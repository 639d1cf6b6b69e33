// What the Bicep compiler makes of infra/: the compiled ARM templates, and the resources and outputs that a deployment
// with given parameters would have, as the compiler works them out. What only Azure knows stays an expression, such as
// `[reference('Microsoft.DocumentDB/databaseAccounts/cosmos-token', …).documentEndpoint]`.
//
// Where the compiler cannot be had (scripts/bicep.mjs says why), what needs it is skipped.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export type Properties = Readonly<Record<string, unknown>>;

export interface PlannedResource {
  readonly id: string;
  /** Such as `Microsoft.ServiceBus/namespaces/queues`. */
  readonly type: string;
  readonly apiVersion: string;
  /** Names of its parents and its own, such as `sb-token/orders`. */
  readonly name: string;
  /** What it is attached to, such as `sb-token/queues/orders`; for role assignments. */
  readonly scope: string;
  readonly body: Properties;
}

export interface Plan {
  readonly resources: readonly PlannedResource[];
  readonly outputs: Properties;
}

const root = path.resolve(__dirname, '../..');
export const infraFolder = path.join(root, 'infra');
const SUBSCRIPTION = '00000000-0000-0000-0000-000000000000';

const {
  status,
  stdout: found,
  stderr: whyNot,
} = spawnSync(process.execPath, [path.join(root, 'scripts/bicep.mjs'), 'path'], { encoding: 'utf8' });
const hasCompiler = status === 0;

const bicep = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  spawnSync(found.trim(), args, {
    encoding: 'utf8',
    env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', ...environment },
    maxBuffer: 64 * 1024 * 1024,
  });

/** `describe` for what needs the compiler; without one it is one skipped test that says why. */
export function describeCompiled(title: string, body: () => void): void {
  if (hasCompiler) describe(title, body);
  else describe.skip(title, () => test(whyNot.trim(), () => expect(hasCompiler).toBe(true)));
}

/** The ARM template of a file, and all that the compiler said about it. */
export function compiled(file: string): { readonly template: Properties; readonly said: string } {
  const { stdout, stderr } = bicep(['build', path.join(infraFolder, file), '--stdout']);
  return { template: stdout === '' ? {} : (JSON.parse(stdout) as Properties), said: stderr };
}

/** Whatever the compiler says about all files below infra/. */
export function lintedAll(): string {
  const { stdout, stderr } = bicep(['lint', '--pattern', path.join(infraFolder, '**/*.bicep')]);
  return stdout + stderr;
}

/** Files below infra/ that the compiler would format differently. */
export function unformatted(files: readonly string[]): readonly string[] {
  const copy = mkdtempSync(path.join(os.tmpdir(), 'infra-'));
  try {
    cpSync(infraFolder, copy, { recursive: true });
    bicep(['format', '--pattern', path.join(copy, '**/*.bicep')]);
    const textIn = (folder: string, file: string): string => readFileSync(path.join(folder, file), 'utf8');
    return files.filter((file) => textIn(copy, file) !== textIn(infraFolder, file));
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** The parameters that infra/main.bicepparam makes of an azd environment. Throws what the compiler says against it. */
export function azdParameters(environment: Readonly<Record<string, string>>): Properties {
  const { stdout, stderr } = bicep(['build-params', path.join(infraFolder, 'main.bicepparam'), '--stdout'], {
    ...{ AZURE_ENV_NAME: 'demo', AZURE_LOCATION: 'westeurope' },
    ...environment,
  });
  if (stderr !== '') throw new Error(stderr);
  const { parametersJson } = JSON.parse(stdout) as { parametersJson: string };
  const { parameters } = JSON.parse(parametersJson) as { parameters: Record<string, { value: unknown }> };
  return Object.fromEntries(Object.entries(parameters).map(([name, { value }]) => [name, value]));
}

const plans = new Map<string, Plan>();

/** What `infra/<file>` would deploy with `parameters`. Throws what the compiler says against it. */
export function planOf(file: string, parameters: Properties): Plan {
  const key = JSON.stringify([file, parameters]);
  const plan = plans.get(key) ?? snapshotOf(file, parameters);
  plans.set(key, plan);
  return plan;
}

/** The plan of infra/main.bicep. */
export const mainPlan = (parameters: Properties = {}): Plan =>
  planOf('main.bicep', { environmentName: 'demo', location: 'westeurope', ...parameters });

/** Services of your own in place of the simulators. */
export const OWN_SERVICES = {
  deploySimulators: false,
  inventoryBaseUrl: 'https://i',
  promotionBaseUrl: 'https://c',
  paymentBaseUrl: 'https://p',
  shippingBaseUrl: 'https://s',
  notificationBaseUrl: 'https://n',
} as const;

/** Every subscription of the topic of events that there can be. */
export const EVENT_SUBSCRIPTIONS = [
  ...['all-events', 'order-created-events', 'stock-reserved-events', 'payment-processed-events'],
  ...['payment-failed-events', 'shipment-created-events', 'order-completed-events', 'order-failed-events'],
  'order-cancelled-events',
];

/** Every option on that others do not exclude, and every number another than the default. */
export const EVERYTHING = {
  ...OWN_SERVICES,
  ...{ vnetEnabled: true, vaultPurgeProtection: true },
  ...{ zoneRedundant: true, serviceBusSku: 'Premium', serviceBusMessagingUnits: 2 },
  ...{ eventGridOut: true, eventSubscriptions: EVENT_SUBSCRIPTIONS, scaleByQueueLength: true },
  ...{ cosmosCapacity: 'autoscale', durableBackend: 'scheduler', maxDeliveryCount: 7 },
  alwaysReady: [
    { name: 'durable', instanceCount: 2 },
    { name: 'http', instanceCount: 1 },
  ],
  ...{ alertEmail: 'operators@example.com', monthlyBudget: 200, dailyLogGigabytes: 1 },
  ...{
    instanceMemoryMB: 512,
    reconcileSchedule: '*/10 * * * * *',
    sagaVersion: '1',
    sagaMode: 'choreography',
  },
  signInClientId: '11111111-1111-1111-1111-111111111111',
} as const;

/** The settings of the function app. */
export function settingsOf({ resources }: Plan): Readonly<Record<string, string>> {
  const found = resources.find(({ name }) => name === 'func-token/appsettings');
  return (found?.body['properties'] ?? {}) as Readonly<Record<string, string>>;
}

function snapshotOf(file: string, parameters: Properties): Plan {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'infra-'));
  try {
    const given = Object.entries(parameters).map(([name, value]) => `param ${name} = ${literal(value)}`);
    const template = path.relative(folder, path.join(infraFolder, file));
    writeFileSync(path.join(folder, 'plan.bicepparam'), [`using '${template}'`, ...given].join('\n'));
    const ofSubscription = readFileSync(path.join(infraFolder, file), 'utf8').includes(
      "targetScope = 'subscription'",
    );
    const { stderr } = bicep([
      ...['snapshot', path.join(folder, 'plan.bicepparam'), '--mode', 'overwrite'],
      ...['--subscription-id', SUBSCRIPTION, '--tenant-id', SUBSCRIPTION, '--deployment-name', 'demo'],
      ...(ofSubscription ? ['--location', 'westeurope'] : ['--resource-group', 'rg-demo']),
    ]);
    if (stderr !== '') throw new Error(stderr);
    return planIn(readFileSync(path.join(folder, 'plan.snapshot.json'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A value as Bicep writes it; names of properties are words. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll(/['\\]|\$\{/g, '\\$&')}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${literal(inner)}`)
    .join(', ')} }`;
}

interface Snapshot {
  readonly predictedResources: readonly (Properties & { id: string; type: string; name: string })[];
  readonly diagnostics: readonly unknown[];
  readonly outputs: Properties;
}

function planIn(text: string): Plan {
  // The hash in every name depends on subscription, environment and region.
  const hash = /"id-api-(\w{13})"/.exec(text)?.[1];
  const short = text
    .replaceAll(`/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/`, '')
    .replaceAll(`/subscriptions/${SUBSCRIPTION}/providers/`, '');
  const snapshot = JSON.parse(hash === undefined ? short : short.replaceAll(hash, 'token')) as Snapshot;
  if (snapshot.diagnostics.length > 0) throw new Error(JSON.stringify(snapshot.diagnostics));
  const resources = snapshot.predictedResources.map((body) => ({
    ...{ id: body.id, type: body.type, name: body.name, apiVersion: String(body['apiVersion']), body },
    scope: scopeIn(body.id),
  }));
  return { resources, outputs: snapshot.outputs };
}

/** The resource that an assignment is attached to, without its provider and type; the id may be an expression. */
function scopeIn(id: string): string {
  const whole = /^\[extensionResourceId\('([^']*)'/.exec(id)?.[1] ?? id.split('/providers/')[0] ?? '';
  return whole.replace(/^[^/]*\/[^/]*\//, '');
}

/** The resources of a type in a plan; that of everything without options unless another is given. */
export const ofType = (type: string, { resources }: Plan = mainPlan()): readonly PlannedResource[] =>
  resources.filter((resource) => resource.type === type);

/** The one resource of its type. */
export const only = (type: string, from?: Plan): PlannedResource => {
  const [resource, ...others] = ofType(type, from);
  if (resource === undefined || others.length > 0)
    throw new Error(`not one but ${ofType(type, from).length} ${type}`);
  return resource;
};

/** What stands at a path of names with dots. */
export const at = (value: unknown, dotted: string): unknown =>
  dotted.split('.').reduce<unknown>((inner, key) => (inner as Properties | undefined)?.[key], value);
