// The Bicep compiler of one pinned version: `install` fetches it into the user's cache, `path` prints where it is, and
// any other arguments are passed to it. Where it cannot be had, `install` and `path` say why in one line and exit with 1.
// Called by .ci/run, and by the tests of infra/. BICEP names a compiler of the same version that is already there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const VERSION = '0.49.2';
const PACKAGE = 'Azure.Bicep.CommandLine.linux-x64';
/** Of the program in that package. */
const SHA256 = '0ab9de90c2493f206f8281bae74f9ee2d5ed3605548dab1adf41fef185e1f7c5';
const PLATFORM = 'linux-x64';

const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'order-saga');
const cached = path.join(cache, `bicep-${VERSION}`);
/** Messages in English whatever libraries the machine has. */
const env = { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', DOTNET_CLI_TELEMETRY_OPTOUT: '1' };

const isPinned = (file) => createHash('sha256').update(readFileSync(file)).digest('hex') === SHA256;

/** `{ file }`, or `{ why }` there is none. */
function find() {
  const own = process.env.BICEP;
  if (own) {
    const { stdout } = spawnSync(own, ['--version'], { encoding: 'utf8', env });
    return stdout?.includes(` ${VERSION} `)
      ? { file: own }
      : { why: `BICEP=${own} is not Bicep ${VERSION}; unset it, or name that version` };
  }
  if (!existsSync(cached))
    return { why: `Bicep ${VERSION} is not installed; run: npm run tool:bicep -- install` };
  if (isPinned(cached)) return { file: cached };
  return { why: `${cached} is not the pinned program; remove it and run: npm run tool:bicep -- install` };
}

/** Takes the program out of its package, which the .NET SDK restores; the hash is compared before it can be run. */
function install() {
  const found = find();
  if (found.file || process.env.BICEP || existsSync(cached)) return found;
  if (`${process.platform}-${process.arch}` !== PLATFORM) {
    return { why: `Bicep ${VERSION} is pinned for ${PLATFORM} only; set BICEP to a program of that version` };
  }
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'bicep-install-'));
  try {
    return restored(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function restored(folder) {
  writeFileSync(
    path.join(folder, 'get.csproj'),
    `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>netstandard2.0</TargetFramework></PropertyGroup>
  <PropertyGroup><DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences></PropertyGroup>
  <ItemGroup><PackageDownload Include="${PACKAGE}" Version="[${VERSION}]" /></ItemGroup>
</Project>
`,
  );
  const { status, error, stdout } = spawnSync('dotnet', ['restore', '--packages', 'packages'], {
    ...{ cwd: folder, encoding: 'utf8', env, timeout: 300_000 },
  });
  if (error) return { why: `Bicep ${VERSION} comes with the .NET SDK's package manager: ${error.message}` };
  if (status !== 0)
    return { why: `Bicep ${VERSION} could not be restored: ${stdout.trim().split('\n').at(-1)}` };
  const program = path.join(folder, 'packages', PACKAGE.toLowerCase(), VERSION, 'tools/bicep');
  if (!isPinned(program))
    return { why: `the package ${PACKAGE} ${VERSION} does not hold the pinned program` };
  const whole = path.join(folder, 'bicep');
  copyFileSync(program, whole);
  chmodSync(whole, 0o755);
  // Whole or not at all: another process may install it at the same time.
  renameSync(whole, cached);
  return { file: cached };
}

const [command, ...rest] = process.argv.slice(2);
const { file, why } = command === 'install' ? install() : find();
if (why) {
  console.error(why);
  process.exitCode = 1;
} else if (command === 'install') {
  console.log(`Bicep ${VERSION}: ${file}`);
} else if (command === 'path') {
  console.log(file);
} else {
  process.exitCode =
    spawnSync(file, [...(command ? [command] : []), ...rest], { stdio: 'inherit', env }).status ?? 1;
}
