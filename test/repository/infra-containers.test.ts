// The compose file of the official emulators and the image of the simulators.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { copiesIn, instructionsIn } from '../support/dockerfile';

const root = path.resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface Container {
  readonly image: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: string | readonly string[] };
}
const { services } = parse(read('docker-compose.yml')) as { services: Readonly<Record<string, Container>> };
/** A tag that names one version; `latest` and `vnext-preview` name whatever is there. */
const PINNED = /:[\w.-]*\d+\.\d+[\w.-]*$|:[\w.-]*\d{8}$|:\d{4}-CU\d+-[\w.-]+$/;

describe('docker compose', () => {
  test('starts Azurite, the Service Bus emulator with its SQL Server, and the Cosmos DB emulator', () => {
    const images = Object.values(services).map(({ image }) => image.replace(/:[^:]*$/, ''));
    expect(new Set(images)).toEqual(
      new Set([
        'mcr.microsoft.com/azure-storage/azurite',
        'mcr.microsoft.com/azure-messaging/servicebus-emulator',
        'mcr.microsoft.com/mssql/server',
        'mcr.microsoft.com/cosmosdb/linux/azure-cosmos-emulator',
      ]),
    );
  });

  test('gives the Service Bus emulator the entities that npm start has', () => {
    expect(services['servicebus']?.volumes).toEqual([
      './local/servicebus/Config.json:/ServiceBus_Emulator/ConfigFiles/Config.json:ro',
    ]);
    expect(existsSync(path.join(root, 'local/servicebus/Config.json'))).toBe(true);
  });

  test.each(Object.entries(services))(
    'pins the image of %s, opens it on loopback only',
    (_name, container) => {
      expect(container.image).toMatch(PINNED);
      for (const port of container.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
    },
  );

  test.each(Object.keys(services).filter((name) => name !== 'servicebus'))(
    'knows when %s is ready',
    (name) => {
      expect(services[name]?.healthcheck?.test).toBeDefined();
    },
  );

  test('knows when the Service Bus emulator is ready from a container beside it', () => {
    expect(services['servicebus-ready']?.healthcheck?.test).toContain('http://servicebus:5300/health');
  });

  test('says of every image why it is this version', () => {
    const lines = read('docker-compose.yml').split('\n');
    for (const image of new Set(Object.values(services).map((service) => service.image))) {
      const at = lines.findIndex((line) => line.trim() === `image: ${image}`);
      expect({ image, above: lines[at - 1]?.trim().slice(0, 2) }).toEqual({ image, above: '# ' });
    }
  });

  test('starts the Cosmos DB emulator as .NET clients need it', () => {
    expect(services['cosmos']?.environment).toMatchObject({ PROTOCOL: 'https' });
  });

  test('listens where the example settings point', () => {
    const published = Object.values(services).flatMap(({ ports }) => ports ?? []);
    const { Values } = JSON.parse(read('local.settings.example.json')) as { Values: Record<string, string> };
    const endpoints = [Values['OrderProcessing__CosmosConnectionString'], Values['ServiceBusConnection']];
    for (const endpoint of endpoints) {
      const port = /127\.0\.0\.1:(\d+)/.exec(endpoint ?? '')?.[1] ?? 'none';
      expect(published).toContain(`127.0.0.1:${port}:${port}`);
    }
  });

  test('holds no secret but a password, open to change, of a database that nobody can reach', () => {
    const given = Object.values(services).flatMap(({ environment }) => Object.entries(environment ?? {}));
    const secrets = given.filter(([name]) => /password|secret|key/i.test(name));
    expect(new Set(secrets.map(([, value]) => value))).toEqual(
      new Set(['${EMULATOR_SQL_PASSWORD:-Emulator-only-1}']),
    );
    expect(services['sql']?.ports).toBeUndefined();
  });
});

describe('the image of the simulators', () => {
  const lines = read('infra/simulators/Dockerfile').split('\n');
  const after = (instruction: string): string[] =>
    lines
      .filter((line) => line.startsWith(`${instruction} `))
      .map((line) => line.slice(instruction.length + 1));

  test('is made from one pinned version of Node 22', () => {
    const bases = after('FROM').map((base) => base.replace(/ AS \w+$/, ''));
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(/^node:22\.\d+\.\d+-[\w-]*slim$/);
  });

  test('runs as a user without rights, a program that the build makes', () => {
    expect(after('USER')).toEqual(['node']);
    const [, program = ''] = JSON.parse(after('CMD')[0] ?? '[]') as string[];
    expect(program).toMatch(/^dist\/local\/[\w-]+\.js$/);
    expect(existsSync(path.join(root, program.replace('dist/local', 'local/cli').replace(/js$/, 'ts')))).toBe(
      true,
    );
  });

  test('is built from what the build reads, and from nothing else', () => {
    const [, sources = ''] = /const SOURCES = \[(.*?)\]/s.exec(read('scripts/build.mjs')) ?? [];
    const built = [...sources.matchAll(/'([^']+)'/g)].map((match) => match[1] ?? '');
    const [everything, ...kept] = read('infra/simulators/Dockerfile.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(everything).toBe('*');
    expect(kept.map((line) => line.slice(1)).sort()).toEqual([...built, 'package.json'].sort());
  });

  test('holds every native package that the programs leave out of their bundles', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<
        string,
        { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }
      >;
    };
    const { dependencies, optionalDependencies } = lock.packages['node_modules/libsql'] ?? {};
    const needed = ['libsql', ...Object.keys({ ...dependencies, ...optionalDependencies })].map(
      (name) => `node_modules/${name.split('/')[0] ?? ''}`,
    );
    const copied = after('COPY').map((line) => line.split(' ').at(-1));
    expect([...new Set(needed)].filter((folder) => !copied.includes(folder))).toEqual([]);
  });
});

describe('the image of the app', () => {
  const instructions = instructionsIn(read('infra/app/Dockerfile'));
  const after = (name: string): string[] =>
    instructions.filter((instruction) => instruction.name === name).map(({ text }) => text);

  test('is the Functions host of Node 22 and the package: nothing is installed, built or fetched in it', () => {
    expect(instructions.map(({ name }) => name)).toEqual([
      'FROM',
      'ENV',
      'COPY',
      'COPY',
      'COPY',
      'COPY',
      'EXPOSE',
    ]);
    const { version } = /runtime: \{ name: 'node', version: '(?<version>\d+)' \}/.exec(
      read('infra/modules/function-app.bicep'),
    )?.groups ?? { version: 'none' };
    expect(after('FROM')).toEqual([`mcr.microsoft.com/azure-functions/node:4-node${String(version)}`]);
  });

  test('holds no address and no secret', () => {
    const names = (after('ENV')[0] ?? '').split(/\s+/).map((pair) => pair.split('=')[0]);
    expect(names).toEqual([
      'AzureWebJobsScriptRoot',
      'AzureFunctionsJobHost__Logging__Console__IsEnabled',
      'FUNCTIONS_WORKER_RUNTIME',
    ]);
  });
});

describe('the reader of Dockerfiles', () => {
  test('joins lines, leaves out comments, and knows what comes out of the context', () => {
    const text = '# a\nFROM b AS c\nENV D=1 \\\n  E=2\nCOPY f g /h/\nCOPY --from=c i j\n';
    expect(instructionsIn(text)).toEqual([
      { name: 'FROM', text: 'b AS c' },
      { name: 'ENV', text: 'D=1 E=2' },
      { name: 'COPY', text: 'f g /h/' },
      { name: 'COPY', text: '--from=c i j' },
    ]);
    expect(copiesIn(text)).toEqual([{ sources: ['f', 'g'], target: '/h/' }]);
  });
});
