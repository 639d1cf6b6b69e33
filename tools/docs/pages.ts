// List of the pages that `npm run docs` writes: generated whole, or with generated parts between markers.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openApiDocument } from '../../src/functions/openapi/document';
import { breakingChanges } from './api/api-changes';
import { httpFile } from './api/http-file';
import { endpointTable, routeReference } from './api/reference';
import { callerMatrix } from './callers/matrix';
import { capacityPage } from './capacity/page';
import { differencesPage } from './differences';
import { eventsPage } from './events';
import { logEventsPage } from './log-events';
import { proofsIn, rulesIn, rulesPage, type Proof } from './rules';
import { generatedParts, replaceGenerated } from './tables';

export interface Page {
  readonly file: string;
  readonly text: string;
}

/** The hand-written pages with generated parts, by the names of their markers. */
const PARTS_OF = {
  'README.md': ['outcomes'],
  'docs/running-locally.md': ['flags', 'demo'],
  'docs/configuration.md': ['settings'],
  'docs/errors.md': ['errors', 'details'],
  'docs/api.md': ['endpoints', 'routes'],
  'docs/security.md': ['callers'],
} as const;

/** The API as it was last recorded: what callers may rely on. */
const RECORDED_API = 'test/golden/openapi.json';

/** The pages below `root`, from the code and the tests there. */
export function generatedPages(root: string): Page[] {
  const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
  const parts = {
    ...generatedParts(),
    endpoints: endpointTable(),
    routes: routeReference(),
    callers: callerMatrix(),
  };
  const written = Object.entries(PARTS_OF).map(([file, names]) => ({
    file,
    text: names.reduce((page, name) => replaceGenerated(page, name, parts[name]), read(file)),
  }));
  return [
    ...written,
    { file: 'docs/rules.md', text: rulesPage(rulesIn(read('docs/architecture.md')), citations(root)) },
    { file: 'docs/events.md', text: eventsPage() },
    { file: 'docs/log-events.md', text: logEventsPage() },
    { file: 'docs/differences.md', text: differencesPage() },
    { file: 'docs/capacity.md', text: capacityPage(root) },
    { file: 'test.http', text: httpFile() },
    { file: RECORDED_API, text: `${JSON.stringify(openApiDocument(), undefined, 2)}\n` },
  ];
}

/** The changes of the API since it was recorded that break callers; none when there is no recording yet. */
export function brokenCallers(root: string): string[] {
  const file = path.join(root, RECORDED_API);
  if (!existsSync(file)) return [];
  // As JSON has it: without what is undefined.
  const now = JSON.parse(JSON.stringify(openApiDocument())) as unknown;
  return breakingChanges(JSON.parse(readFileSync(file, 'utf8')), now);
}

/** Every citation of a rule in the test files below `root`. */
export function citations(root: string): Proof[] {
  return ['test', 'packages/azure-local/test', 'packages/simulators/test']
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map(
        (file) => `${folder}/${file.replaceAll('\\', '/')}`,
      ),
    )
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
    .flatMap((file) => proofsIn(file, readFileSync(path.join(root, file), 'utf8')));
}
