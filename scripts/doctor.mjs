// Program behind `npm run doctor`: prints what is wrong with this machine or these settings, what it means and what to
// do. This part needs Node.js alone, because everything else may be missing; the rest is local/cli/doctor.ts.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { copiesIn } from './single-copies.mjs';

const USAGE = `Usage: npm run doctor -- [flags]
  --azure       the tools of Core Tools and of azd up are needed, too
  --emulators   which emulators answer, instead of whether their ports are free
  --json        print the findings as JSON
  --help        print this
and every flag of npm start: what is checked is that start.`;

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const flags = process.argv.slice(2).filter((flag) => flag !== '--json');
const readJson = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));

function checkNode() {
  const wanted = readJson('package.json').engines.node;
  const least = /\d[\d.]*/.exec(wanted)[0].split('.').map(Number);
  const here = process.versions.node.split('.').map(Number);
  const at = least.findIndex((number, index) => number !== here[index]);
  const isEnough = at === -1 || here[at] > least[at];
  const message = `Node.js ${process.versions.node}`;
  if (isEnough) return { check: 'node', status: 'ok', message };
  return {
    check: 'node',
    status: 'error',
    message: `${message} is too old: ${wanted} is needed`,
    remedy: 'Install a newer one: https://nodejs.org',
  };
}

/** Packages of the lock file that are missing or have another version; optional ones may be missing. */
function checkPackages() {
  const remedy = 'Run `npm ci`.';
  const wrong = Object.entries(readJson('package-lock.json').packages)
    .filter(([folder, { optional, link }]) => folder !== '' && !optional && !link)
    .flatMap(([folder, { version }]) => {
      const manifest = path.join(folder, 'package.json');
      if (!existsSync(path.join(root, manifest))) return [`${nameOf(folder)} is missing`];
      const here = readJson(manifest).version;
      return here === version ? [] : [`${nameOf(folder)} is ${here}, not ${version}`];
    });
  if (wrong.length === 0)
    return { check: 'packages', status: 'ok', message: 'node_modules is what package-lock.json says' };
  const more = wrong.length > 3 ? ` and ${wrong.length - 3} more` : '';
  const message = `node_modules is not what package-lock.json says: ${wrong.slice(0, 3).join(', ')}${more}`;
  return { check: 'packages', status: 'error', message, remedy };
}

const nameOf = (folder) => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);

function checkCopies() {
  const copies = Object.entries(copiesIn(path.join(root, 'node_modules'))).filter(
    ([, folders]) => folders.length > 1,
  );
  if (copies.length === 0)
    return { check: 'copies', status: 'ok', message: 'one copy of each package that must be there once' };
  const copiesByName = copies.map(([name, folders]) => `${name} in ${folders.join(' and ')}`);
  return {
    check: 'copies',
    status: 'error',
    message: `two copies do not see each other, and Service Bus messages would fail: ${copiesByName.join('; ')}`,
    remedy:
      'Pin versions that share one (@azure/functions 4.15.x), or add an npm "overrides" entry; then `npm ci`.',
  };
}

function build() {
  const { status, stderr } = spawnSync(process.execPath, [path.join(root, 'scripts/build.mjs')], {
    encoding: 'utf8',
  });
  if (status === 0) return { check: 'build', status: 'ok', message: 'dist/ is built' };
  return {
    check: 'build',
    status: 'error',
    message: `the app cannot be built: ${stderr.trim().slice(-600)}`,
    remedy: 'Correct what it names; the checks that need a build were not made.',
  };
}

function examineBuilt() {
  const program = path.join(root, 'dist/local/doctor.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...flags], { encoding: 'utf8' });
  if (status === 0) return JSON.parse(stdout);
  console.error(`${stderr.trim()}\n\n${USAGE}`);
  process.exit(2);
}

function examine() {
  const first = [checkNode(), checkPackages(), checkCopies()];
  const isSound = first.every(({ status }) => status !== 'error');
  const built = isSound ? build() : undefined;
  const rest = built?.status === 'ok' ? examineBuilt() : [];
  return [...first, ...(built === undefined ? [] : [built]), ...rest];
}

function print(findings) {
  for (const { check, status, message, remedy } of findings) {
    console.log(
      `${status.padEnd(8)} ${check.padEnd(12)} ${message}${remedy === undefined ? '' : `. ${remedy}`}`,
    );
  }
}

if (flags.includes('--help')) {
  console.log(USAGE);
} else {
  const findings = examine();
  if (process.argv.includes('--json')) console.log(JSON.stringify(findings, null, 2));
  else print(findings);
  process.exitCode = findings.some(({ status }) => status === 'error') ? 1 : 0;
}
