// The gate: what was published once stays readable. Every version's JSON Schema is committed in test/golden/schemas; a
// change that readers could not take fails here and says what to do. RECORD_SCHEMAS=1 writes those that may be written.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeType, inventoryEvents, orderEvents, parcelEvents } from '../../../src/events/catalogue';
import { isCompatible, type JsonSchema } from '../../../src/events/compatibility';

const FOLDER = path.resolve(__dirname, '../../golden/schemas');

const types = [orderEvents, inventoryEvents, parcelEvents].flatMap((registry) => registry.types());
const schemas = types.flatMap((type) =>
  (describeType(type)?.versions ?? []).map(({ version, schema }) => [`${type}.v${version}`, schema] as const),
);

/** Why today's schema may not stand where the committed one stands; none when it may. */
function problems(title: string, schema: JsonSchema, committed: JsonSchema | undefined): readonly string[] {
  if (committed === undefined)
    return [
      `${title} is new: run RECORD_SCHEMAS=1 npx jest test/unit/events/event-schemas and commit the file`,
    ];
  const compared = isCompatible(committed, schema);
  if (!compared.compatible) {
    const what = compared.reasons.join('; ');
    return [
      `${title}: ${what}. Leave this version as it is, add the next one behind it in src/events/schemas.ts and an upcaster in src/events/upcasters.ts (docs/new-event-type.md)`,
    ];
  }
  return JSON.stringify(committed) === JSON.stringify(schema)
    ? []
    : [
        `${title} has changed compatibly: run RECORD_SCHEMAS=1 npx jest test/unit/events/event-schemas and commit it`,
      ];
}

function committedOf(title: string): JsonSchema | undefined {
  const file = path.join(FOLDER, `${title}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as JsonSchema) : undefined;
}

if (process.env['RECORD_SCHEMAS'] === '1') {
  test.each(schemas)('records %s', (title, schema) => {
    const committed = committedOf(title);
    const refused = committed !== undefined && !isCompatible(committed, schema).compatible;
    if (!refused)
      writeFileSync(path.join(FOLDER, `${title}.json`), `${JSON.stringify(schema, undefined, 2)}\n`);
  });
}

describe('the published schemas', () => {
  test.each(schemas)('%s is what is committed, or may take its place', (title, schema) => {
    expect(problems(title, schema, committedOf(title))).toEqual([]);
  });

  test('are all still there: no version is ever taken away', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
    expect(files.filter((file) => !schemas.some(([title]) => title === file))).toEqual([]);
  });

  test('fail with an explanation when a required field comes without a new version', () => {
    const [title, schema] = schemas.find(([name]) => name === 'OrderCancelled.v1') ?? ['', {}];
    const changed = structuredClone(schema) as {
      properties: { data: { properties: Record<string, unknown>; required: string[] } };
    };
    changed.properties.data.properties['by'] = { type: 'string' };
    changed.properties.data.required.push('by');
    expect(problems(title, changed as unknown as JsonSchema, committedOf(title))).toEqual([
      expect.stringMatching(
        /OrderCancelled\.v1: data\.by is new and required\. .*the next one .*an upcaster/,
      ),
    ]);
  });
});
