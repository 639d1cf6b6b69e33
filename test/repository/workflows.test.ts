// The workflows of .github: YAML that GitHub can read, calling what is there, with no more rights than they need. That
// GitHub and Azure take them is not shown here.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const root = path.resolve(__dirname, '../..');
const folder = path.join(root, '.github/workflows');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const step = z
  .strictObject({
    name: z.string().optional(),
    if: z.string().optional(),
    uses: z.string().optional(),
    with: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    env: z.record(z.string(), z.string()).optional(),
    run: z.string().optional(),
  })
  .refine(({ uses, run }) => (uses === undefined) !== (run === undefined), 'a step uses or runs');

const permissions = z.record(z.string(), z.enum(['read', 'write', 'none']));

const workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions,
  concurrency: z.strictObject({ group: z.string(), 'cancel-in-progress': z.boolean() }),
  env: z.record(z.string(), z.string()).optional(),
  jobs: z.record(
    z.string(),
    z.strictObject({
      if: z.string().optional(),
      'runs-on': z.string(),
      'timeout-minutes': z.int(),
      environment: z.string().optional(),
      permissions: permissions.optional(),
      strategy: z.unknown().optional(),
      steps: z.array(step),
    }),
  ),
});

const workflows = readdirSync(folder).map((file) => ({
  file,
  text: read(`.github/workflows/${file}`),
  parsed: workflow.parse(parse(read(`.github/workflows/${file}`))),
}));
const stepsOf = ({ parsed }: (typeof workflows)[number]) =>
  Object.values(parsed.jobs).flatMap(({ steps }) => steps);

describe.each(workflows)('$file', (entry) => {
  test('calls npm scripts, programs and folders that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const { run = '' } of stepsOf(entry)) {
      for (const [, name = ''] of run.matchAll(/npm run (?:--silent )?([\w:-]+)/g))
        expect(Object.keys(scripts)).toContain(name);
      for (const [, program = ''] of run.matchAll(
        /(?:^|\s)(?:node )?(\.?[\w./-]+\/[\w.-]+\.(?:mjs|sh)|\.ci\/run)\b/gm,
      ))
        expect({ program, isThere: existsSync(path.join(root, program)) }).toEqual({
          program,
          isThere: true,
        });
    }
  });

  test('may read the repository and no more, but for a token of its own where it signs in', () => {
    expect(entry.parsed.permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(entry.parsed.jobs)) {
      const signsIn = job.steps.some(({ run = '' }) => run.includes('azd auth login'));
      expect(job.permissions).toEqual(signsIn ? { contents: 'read', 'id-token': 'write' } : undefined);
    }
  });

  test('stores no secret, and pins every action to a version', () => {
    expect(entry.text).not.toMatch(/secrets\.|client-secret|password/i);
    for (const { uses } of stepsOf(entry))
      if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
  });

  // Text of an event in a script would be run as part of it.
  test('puts no expression into a script', () => {
    for (const { run = '' } of stepsOf(entry)) expect(run).not.toContain('${{');
  });

  test('ends every job after a while', () => {
    for (const job of Object.values(entry.parsed.jobs))
      expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
  });
});

describe('a deployment', () => {
  const { parsed } = workflows.find(({ file }) => file === 'deploy.yml') ?? {};
  const job = (name: string) => {
    const found = parsed?.jobs[name];
    if (found === undefined) throw new Error(`deploy.yml has no job ${name}`);
    return found;
  };
  const runs = (name: string): string[] =>
    job(name).steps.flatMap(({ run }) => (run === undefined ? [] : [run]));

  test('is only shown to a pull request, and not run for a fork', () => {
    expect(job('preview').if).toContain("github.event_name == 'pull_request'");
    expect(job('preview').if).toContain('head.repo.full_name == github.repository');
    expect(runs('preview').at(-1)).toMatch(/^azd provision --preview /);
    expect(runs('preview').join('\n')).not.toMatch(/azd (?:up|deploy|down)/);
    expect(job('deploy').if).toContain("github.event_name != 'pull_request'");
  });

  test('ends with an order that has to complete', () => {
    const [deployed, smoke] = runs('deploy').slice(-2);
    expect(deployed).toBe('azd up --no-prompt');
    expect(smoke).toContain('npm run smoke -- --url "$API_URL"');
  });

  test('is never cut off by the next one', () => {
    expect(parsed?.concurrency['cancel-in-progress']).toBe(false);
  });

  test('can be of any commit, which is how to go back', () => {
    expect(parsed?.on).toHaveProperty('workflow_dispatch.inputs.ref.required', true);
    expect(job('deploy').steps[0]?.with).toEqual({ ref: '${{ inputs.ref || github.sha }}' });
  });

  test('reads outputs that infra/main.bicep has', () => {
    const [, names = ''] = /\^\(([\w|]+)\)=/.exec(runs('deploy').join('\n')) ?? [];
    const outputs = [...read('infra/main.bicep').matchAll(/^output (\w+) /gm)].map(([, name]) => name);
    expect(names.split('|').filter((name) => !outputs.includes(name))).toEqual([]);
    expect(names).toContain('API_URL');
  });
});
