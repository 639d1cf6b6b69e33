// Builds the .NET programs of test/dotnet, which check a look-alike with the official .NET client. Needs `dotnet` on the PATH
// and packages that NuGet's cache holds or its registry serves; where one is missing, tests that need it are skipped.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

export type DotnetProgram =
  | { readonly kind: 'built'; readonly dll: string }
  /** A sentence on what this machine lacks. */
  | { readonly kind: 'unavailable'; readonly why: string };

const QUIET = {
  ...process.env,
  DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  DOTNET_NOLOGO: '1',
  // Without it the compiler's server outlives the build, and the tests with it.
  MSBUILDDISABLENODEREUSE: '1',
};

/** What a restore says when this machine lacks something, by its code. */
const LACKS: readonly (readonly [code: RegExp, why: string])[] = [
  [/NETSDK1045/, 'the .NET SDK here is older than the program'],
  [/NU1301/, 'NuGet cannot be reached and its cache lacks packages'],
  [/NU110[123]/, 'NuGet here does not serve all its packages'],
];

/** Builds `test/dotnet/<name>`, incrementally, with the versions of its lock file. @throws with the compiler's output. */
export function buildDotnetProgram(name: string): DotnetProgram {
  const folder = path.resolve(__dirname, '../dotnet', name);
  if (!dotnet('--version').succeeded) return unavailable(name, 'there is no dotnet on the PATH');
  const restored = dotnet('restore', folder, '--locked-mode');
  const lack = LACKS.find(([code]) => code.test(restored.output));
  if (lack !== undefined) return unavailable(name, lack[1]);
  assertSucceeded(restored, `test/dotnet/${name} could not be restored`);
  const built = dotnet('build', folder, '--no-restore', '-c', 'Release', '-p:UseSharedCompilation=false');
  assertSucceeded(built, `test/dotnet/${name} could not be built`);
  return { kind: 'built', dll: path.join(folder, `bin/Release/net10.0/${name}-checks.dll`) };
}

interface Ended {
  readonly succeeded: boolean;
  readonly output: string;
}

function dotnet(...args: string[]): Ended {
  const { status, stdout, stderr } = spawnSync('dotnet', args, { env: QUIET, encoding: 'utf8' });
  return { succeeded: status === 0, output: `${stdout}${stderr}` };
}

function assertSucceeded({ succeeded, output }: Ended, what: string): void {
  if (!succeeded) throw new Error(`${what}:\n${output}`);
}

function unavailable(name: string, why: string): DotnetProgram {
  process.stderr.write(`Skipped: the checks of test/dotnet/${name}, because ${why}.\n`);
  return { kind: 'unavailable', why };
}
