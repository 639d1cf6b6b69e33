// Program behind `npm run check:audit`: fails for known holes, high or critical, in what is deployed. Says so in one line
// where the registry has no audit endpoint or cannot be reached: then nothing was looked up, and nothing fails.
import { execFile } from 'node:child_process';

const WITHIN_MS = 60_000;
const GRAVE = ['high', 'critical'];

const output = await new Promise((resolve) => {
  execFile(
    'npm',
    ['audit', '--json', '--omit=dev', '--fetch-retries=0'],
    { timeout: WITHIN_MS, maxBuffer: 2 ** 26 },
    // It ends with 1 for a hole, and for an answer that it did not get: the report says which.
    (_error, stdout) => resolve(stdout),
  );
});

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const report = parse(output);
if (report.vulnerabilities === undefined) {
  const why = report.message ?? report.error?.summary ?? 'npm audit gave no report';
  console.log(`Dependencies were not audited: the registry has no audit endpoint here (${why}).`);
} else {
  const grave = Object.values(report.vulnerabilities).filter(({ severity }) => GRAVE.includes(severity));
  for (const { name, severity, range } of grave) console.error(`${severity}: ${name} ${range}`);
  if (grave.length > 0)
    console.error('Update them, or say in package.json (overrides) what stands in for them.');
  else console.log('No known hole, high or critical, in what is deployed.');
  process.exitCode = grave.length === 0 ? 0 : 1;
}
