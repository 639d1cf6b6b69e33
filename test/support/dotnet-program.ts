// Builds the .NET programs of test/dotnet, which check a look-alike with the official .NET client. Needs `dotnet` on the PATH
// and packages that NuGet's cache holds or its registry serves; where one is missing, tests that need it are skipped.
import { execFileSync, spawnSync } from 'node:child_process';
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

/** NuGet's codes for: source unreachable, no such package, no such version. */
const NOT_SERVED = /NU1301|NU110[123]/;

/** Builds `test/dotnet/<name>`, incrementally, with the versions of its lock file. @throws with the compiler's output. */
export function buildDotnetProgram(name: string): DotnetProgram {
  const folder = path.resolve(__dirname, '../dotnet', name);
  if (spawnSync('dotnet', ['--version'], { env: QUIET }).status !== 0)
    return unavailable(name, 'there is no dotnet on the PATH');
  const restored = spawnSync('dotnet', ['restore', folder, '--locked-mode'], { env: QUIET });
  const said = `${restored.stdout.toString()}${restored.stderr.toString()}`;
  if (NOT_SERVED.test(said)) return unavailable(name, 'NuGet does not serve its packages');
  if (restored.status !== 0) throw new Error(`test/dotnet/${name} could not be restored:\n${said}`);
  const build = ['build', folder, '--no-restore', '-c', 'Release', '-v', 'quiet', '-p:UseSharedCompilation=false'];
  execFileSync('dotnet', build, { env: QUIET });
  return { kind: 'built', dll: path.join(folder, `bin/Release/net10.0/${name}-checks.dll`) };
}

function unavailable(name: string, why: string): DotnetProgram {
  process.stderr.write(`Skipped: the checks of test/dotnet/${name}, because ${why}.\n`);
  return { kind: 'unavailable', why };
}
