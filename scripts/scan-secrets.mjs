// Program behind `npm run check:secrets`: looks for keys and tokens in every line that any commit of the history has added.
// test/repository/repository.test.ts looks at the files of now by the same patterns (secret-patterns.json).
// Left out: lock files, which hold hashes, and the key of a self-signed certificate that a test once had and now makes.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const { secrets, allowed, leftOut } = JSON.parse(
  readFileSync(new URL('secret-patterns.json', import.meta.url), 'utf8'),
);
const patterns = secrets.map(([what, source]) => [what, new RegExp(source, 'g')]);
const known = new Set(Object.values(allowed));

/** The recorded task hub pages by an instance id in base64; a key is random bytes. */
const isContinuationToken = (found) => /^[0-9a-f]{32}$/.test(Buffer.from(found, 'base64').toString('latin1'));

function secretsIn(line) {
  return patterns.flatMap(([what, pattern]) =>
    [...line.matchAll(pattern)].some(([found]) => !known.has(found) && !isContinuationToken(found))
      ? [what]
      : [],
  );
}

const git = spawn(
  'git',
  [
    ...['log', '--all', '--patch', '--unified=0', '--no-color', '--no-ext-diff', '--format=commit %h'],
    ...['--', '.', ...leftOut.map((name) => `:(exclude,glob)**/${name}`)],
  ],
  { stdio: ['ignore', 'pipe', 'ignore'] },
);
let commits = 0;
let [commit, file] = ['', ''];
const found = new Set();
for await (const line of createInterface({ input: git.stdout, crlfDelay: Infinity })) {
  if (line.startsWith('commit ')) {
    commits += 1;
    commit = line.slice('commit '.length);
  } else if (line.startsWith('+++ ')) file = line.slice('+++ b/'.length);
  else if (line.startsWith('+'))
    for (const what of secretsIn(line)) found.add(`${what} in ${file}, commit ${commit}`);
}
const exitCode = await new Promise((resolve) =>
  git.exitCode === null ? git.once('exit', resolve) : resolve(git.exitCode),
);
for (const each of found) console.error(each);
if (exitCode !== 0) console.log('No history of git here: only the files of now are looked at, by the tests.');
else if (found.size === 0) console.log(`No secret in the ${commits} commits of the history.`);
process.exitCode = found.size === 0 ? 0 : 1;
