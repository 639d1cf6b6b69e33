// The documents say what the code says.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseStartFlags } from 'azure-local/supervisor/start-flags';
import { lookAlikeSettings } from '../../local/app-settings';
import { SETTINGS } from '../../src/config';
import { parseConfig } from '../../src/parse-config';
import { citations } from '../../tools/docs/pages';
import { fill, requestsIn } from '../../tools/docs/requests';
import { proofsIn, rulesIn, rulesPage } from '../../tools/docs/rules';
import { markdownTable, replaceGenerated } from '../../tools/docs/tables';
import { NOT_SIMULATED } from 'azure-local/testing/not-simulated';
import { LIMITS } from 'azure-local/testing/service-limits';

const root = path.resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const docs = readdirSync(path.join(root, 'docs')).filter((file) => file.endsWith('.md'));
/** Every page that is written for people. */
const pages = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...docs.map((file) => `docs/${file}`),
  ...readdirSync(path.join(root, '.github'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `.github/${file.replaceAll('\\', '/')}`),
  'tools/bench/README.md',
];

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(read('package.json')) as Manifest;

describe('what npm run docs writes', () => {
  test('is what is committed: demo table, settings, error codes, flags, rules', () => {
    const check = (): string =>
      execFileSync(process.execPath, [path.join(root, 'scripts/docs.mjs'), '--check'], { encoding: 'utf8' });
    expect(check()).toBe('');
  });

  test.each(NOT_SIMULATED)('$lookAlike refuses $what, and a test says so', ({ test: file, words }) => {
    expect(read(file)).toContain(words);
  });

  test.each(LIMITS)('$service: $what has at most $most, and a test says so', ({ test: file, words }) => {
    expect(read(file)).toContain(words);
  });

  test('goes between markers, and a page without them is refused', () => {
    const page = 'before\n<!-- generated:a -->\nold\n<!-- /generated:a -->\nafter';
    expect(replaceGenerated(page, 'a', 'new')).toBe(
      'before\n<!-- generated:a -->\n\nnew\n\n<!-- /generated:a -->\nafter',
    );
    expect(() => replaceGenerated(page, 'b', 'new')).toThrow('no <!-- generated:b -->');
  });

  test('keeps a cell with a bar in one column', () => {
    expect(markdownTable(['A', 'B'], [['x|y', 'z']])).toBe('| A | B |\n| --- | --- |\n| x\\|y | z |');
  });
});

describe('the rules', () => {
  test('each have a test that cites them, and no test cites one that is not there', () => {
    const rules = rulesIn(read('docs/architecture.md'));
    const cited = new Set(citations(root).map(({ rule }) => rule));
    expect(rules).toHaveLength(26);
    expect([...cited].sort()).toEqual([...rules].sort());
  });

  test('are found in the titles of tests, behind those of their describes, and nowhere else', () => {
    const text = `
      // S1: not here
      describe('an order', () => {
        test.each([1])('S2, S3: %s holds', () => expect('S4: nor here'));
        test('plain', () => undefined);
      });`;
    const title = 'an order › %s holds';
    expect(proofsIn('test/a.test.ts', text)).toEqual([
      { rule: 'S2', title, file: 'test/a.test.ts' },
      { rule: 'S3', title, file: 'test/a.test.ts' },
    ]);
  });

  test('that no test cites, or that a test has invented, fail the page', () => {
    const proofs = [{ rule: 'S2', title: 'holds', file: 'test/a.test.ts' }];
    expect(() => rulesPage(['S1', 'S2'], proofs)).toThrow('no test cites S1');
    expect(() => rulesPage([], proofs)).toThrow('test/a.test.ts cites S2, which is no rule');
  });
});

describe('the README', () => {
  test('is one screen after another, not a manual: at most 9,216 bytes', () => {
    expect(Buffer.byteLength(read('README.md'))).toBeLessThanOrEqual(9_216);
  });

  test('begins with the two commands', () => {
    const [, commands = ''] = /```sh\n([^`]+)```/.exec(read('README.md')) ?? [];
    expect(commands.match(/^[^#\n]*\S(?= *(?:#|$))/gm)).toEqual([
      'npm ci && npm start',
      'npm ci && npm test',
    ]);
  });
});

describe('the pages', () => {
  test('are all in the index of docs/', () => {
    const listed = linksIn(read('docs/README.md')).map(({ file }) => file);
    expect(docs.filter((file) => file !== 'README.md' && !listed.includes(file))).toEqual([]);
  });

  test.each(pages)('link only to files and headings that are there: %s', (page) => {
    const broken = linksIn(read(page)).filter(({ file, heading }) => !leadsSomewhere(page, file, heading));
    expect(broken).toEqual([]);
  });

  test('name only npm scripts that exist', () => {
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/npm run (?:--silent )?([\w:-]*\w)/g)].map((match) => match[1] ?? ''),
    );
    expect(named.filter((name) => manifest.scripts[name] === undefined)).toEqual([]);
  });

  test.each([
    ['the app', 1, 'package.json', 'dependencies'],
    ['development', 2, 'package.json', 'devDependencies'],
    ['azure-local', 3, 'packages/azure-local/package.json', 'dependencies'],
    ['the simulators', 4, 'packages/simulators/package.json', 'dependencies'],
  ] as const)('say of each dependency of %s what it is for', (_, section, file, kind) => {
    const list = read('docs/dependencies.md').split(/^## /m)[section] ?? '';
    const named = [...list.matchAll(/^- `(.+?)`: \S/gm)].map((match) => match[1]);
    const listed = JSON.parse(read(file)) as Readonly<Record<typeof kind, object>>;
    expect(named).toEqual(Object.keys(listed[kind]));
  });

  test('say in CONTRIBUTING what each npm script does, in the order of package.json', () => {
    const [, table = ''] = read('CONTRIBUTING.md').split('## npm scripts');
    const described = [...table.matchAll(/^\| `npm (?:run )?([\w:-]+)` +\| \S/gm)].map((match) => match[1]);
    expect(described).toEqual(Object.keys(manifest.scripts));
  });
});

interface Link {
  readonly file: string;
  readonly heading: string | undefined;
}

/** The links of a page that lead into the repository. */
function linksIn(markdown: string): Link[] {
  return [...markdown.replace(/^```.*?^```/gms, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((link) => !/^(?:https?|mailto):/.test(link))
    .map((link) => {
      const [file = '', heading] = link.split('#');
      return { file, heading };
    });
}

function leadsSomewhere(page: string, file: string, heading: string | undefined): boolean {
  const target = file === '' ? page : path.join(path.dirname(page), file);
  if (!existsSync(path.join(root, target))) return false;
  return heading === undefined || anchorsIn(read(target)).includes(heading);
}

/** The anchors that GitHub gives to the headings of a page. */
function anchorsIn(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('a link is broken when its file or its heading is not there', () => {
  const links = linksIn(
    '[a](docs/api.md#lists) [b](docs/api.md#no-such) [c](none.md) [d](https://a.example)',
  );
  expect(links.map(({ file, heading }) => leadsSomewhere('README.md', file, heading))).toEqual([
    true,
    false,
    false,
  ]);
});

describe('local.settings.example.json', () => {
  const { IsEncrypted, Values } = JSON.parse(read('local.settings.example.json')) as {
    IsEncrypted: boolean;
    Values: Record<string, string>;
  };

  test('holds only settings that the app or the Functions host knows', () => {
    const known = [
      ...['AzureWebJobsStorage', 'FUNCTIONS_WORKER_RUNTIME'],
      ...Object.values(SETTINGS).map(({ name }) => name.replaceAll(':', '__')),
    ];
    expect(Object.keys(Values).filter((name) => !known.includes(name))).toEqual([]);
    expect(IsEncrypted).toBe(false);
  });

  test('is taken by the app as it is, and points where npm start listens unless told otherwise', () => {
    expect(() => parseConfig(Values)).not.toThrow();
    const command = parseStartFlags([], root);
    if (command.kind !== 'start') throw new Error('npm start without flags is refused');
    const { cosmosPort, servicesPort, servicebusPort, eventgridPort } = command.options;
    const urls = {
      cosmos: `http://127.0.0.1:${cosmosPort}`,
      services: `http://127.0.0.1:${servicesPort}`,
      servicebus: `sb://127.0.0.1:${servicebusPort}`,
      eventgrid: `http://127.0.0.1:${eventgridPort}`,
    };
    expect(Values).toEqual(lookAlikeSettings(urls));
  });
});

describe('an .http file', () => {
  const text = [
    ...['### Place', '# @name placed', '# expect 202', 'POST {{host}}/a', 'Content-Type: text/plain', ''],
    ...[
      'one',
      '',
      'two',
      '',
      '### Look',
      '# expect 404 NOT_FOUND',
      'GET {{host}}/{{placed.response.body.$.id}}',
    ],
  ].join('\n');

  test('is read request by request, with what each expects', () => {
    expect(requestsIn(text)).toEqual([
      {
        ...{ title: 'Place', name: 'placed', method: 'POST', url: '{{host}}/a' },
        ...{ headers: { 'Content-Type': 'text/plain' }, body: 'one\n\ntwo' },
        expected: { status: 202, code: undefined },
      },
      {
        ...{ title: 'Look', name: undefined, method: 'GET', url: '{{host}}/{{placed.response.body.$.id}}' },
        ...{ headers: {}, body: undefined },
        expected: { status: 404, code: 'NOT_FOUND' },
      },
    ]);
  });

  test('with a request that expects nothing is refused', () => {
    expect(() => requestsIn('### Look\nGET /')).toThrow('"Look" does not say which status to expect');
  });

  test('is filled in from variables and earlier answers, never by half', () => {
    const answers = new Map([['placed', { id: '7' }]]);
    expect(fill('{{host}}/{{placed.response.body.$.id}}', { host: 'h' }, answers)).toBe('h/7');
    expect(() => fill('{{hots}}', { host: 'h' }, answers)).toThrow('{{hots}} is not known here');
  });
});
