// Console programs in C# that drive a look-alike with an official .NET client: built with the SDK that is on the machine.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

export type DotnetProgram =
  | { readonly kind: 'built'; readonly dll: string }
  /** The machine cannot build it; `why` is a sentence for whoever reads which tests were left out. */
  | { readonly kind: 'missing'; readonly why: string };

const SDK = 10;
/** `NU1301`: the package registry cannot be reached. */
const NO_REGISTRY = /error NU1301/;

const root = path.resolve(__dirname, '../..');

/**
 * Builds the program in `folder` (below the root of the repository) from its lock file; a build without changes takes two
 * seconds. Leaves no compiler running.
 * @throws with the output of the build when the machine could build it and the program does not compile.
 */
export function buildDotnetProgram(folder: string): DotnetProgram {
  const sdks = spawnSync('dotnet', ['--list-sdks'], { encoding: 'utf8' });
  if (sdks.error !== undefined || sdks.status !== 0)
    return { kind: 'missing', why: `dotnet is not on this machine (the .NET ${SDK} SDK is needed)` };
  if (!new RegExp(`^${SDK}\\.`, 'm').test(sdks.stdout))
    return { kind: 'missing', why: `the .NET SDK here is not version ${SDK}` };
  const [project] = readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.csproj'));
  const name = path.basename(project ?? '', '.csproj');
  const out = path.join(root, folder, 'bin', 'checks');
  const build = spawnSync(
    'dotnet',
    [
      'build',
      folder,
      '-c',
      'Release',
      '-o',
      out,
      '--disable-build-servers',
      '-nodeReuse:false',
      '-v',
      'quiet',
    ],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' },
    },
  );
  const output = build.stdout + build.stderr;
  if (NO_REGISTRY.test(output)) return { kind: 'missing', why: 'the NuGet registry cannot be reached' };
  if (build.status !== 0) throw new Error(`${folder} does not build:\n${output}`);
  return { kind: 'built', dll: path.join(out, `${name}.dll`) };
}
