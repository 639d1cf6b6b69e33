// The programs that look for secrets in the history and for known holes in dependencies: what they find, and what they say
// where they cannot look.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listenOnLoopback } from 'azure-local/kit/listen';

const program = (name: string): string => path.resolve('scripts', name);

function run(
  name: string,
  { cwd, env }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program(name)],
      { cwd: cwd ?? process.cwd(), env: { ...process.env, ...env } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, said: stdout + stderr }),
    );
  });
}

describe('check:secrets', () => {
  let folder: string;
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
  const commit = (file: string, text: string): void => {
    writeFileSync(path.join(folder, file), text);
    git('add', '.');
    git('commit', '-q', '-m', file);
  };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'order-saga-history-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('finds a key that a later commit has removed, and names file and commit', async () => {
    git('init', '-q');
    commit('settings.json', `SharedAccessKey=${'Ab1+'.repeat(10)}Ab1=`);
    const [bad] = git('log', '--format=%h').split('\n');
    commit('settings.json', '{}');
    const { code, said } = await run('scan-secrets.mjs', { cwd: folder });
    expect(code).toBe(1);
    expect(said).toBe(`a Service Bus or Event Grid key in settings.json, commit ${bad}\n`);
  });

  test('passes a clean history, and says so where there is none', async () => {
    const none = await run('scan-secrets.mjs', { cwd: folder });
    expect(none).toMatchObject({ code: 0, said: expect.stringMatching(/^No history of git here/) as string });
    git('init', '-q');
    commit('README.md', 'nothing');
    expect(await run('scan-secrets.mjs', { cwd: folder })).toEqual({
      code: 0,
      said: 'No secret in the 1 commits of the history.\n',
    });
  });
});

describe('check:audit', () => {
  let server: Server;
  afterEach(() => server.close());

  async function auditedBy(respond: RequestListener): Promise<{ code: number; said: string }> {
    server = createServer((request, response) => {
      request.resume();
      respond(request, response);
    });
    const port = await listenOnLoopback(server, 0, 'test', '--port');
    return run('audit.mjs', { env: { npm_config_registry: `http://127.0.0.1:${port}/` } });
  }

  test('fails for a grave hole in what is deployed, and names it', async () => {
    const hole = { id: 1, url: 'https://example.org/1', title: 'a hole', vulnerable_versions: '*' };
    const { code, said } = await auditedBy(({ method, url = '' }, response) => {
      const name = decodeURIComponent(url.slice(1));
      const packages = {
        name,
        'dist-tags': { latest: '1.0.0' },
        versions: { '1.0.0': { name, version: '1.0.0' } },
      };
      response.end(
        JSON.stringify(method === 'POST' ? { undici: [{ ...hole, severity: 'high' }] } : packages),
      );
    });
    expect(said).toContain('high: undici');
    expect(code).toBe(1);
  });

  test('fails nothing where the registry has no audit endpoint, and says that nothing was audited', async () => {
    const { code, said } = await auditedBy((_request, response) => response.writeHead(405).end());
    expect(said).toMatch(/^Dependencies were not audited: the registry has no audit endpoint here/);
    expect(code).toBe(0);
  });
});
