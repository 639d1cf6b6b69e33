// `npm run test:histories` as CI and a deployment run it: on other builds of the app.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readRecording, recordingsIn } from '../../local/histories/recordings';
import { createExportFiles } from '../../src/adapters/export-files';
import { createFolderFiles } from '../../src/adapters/folder-files';
import { buildVariant, checkHistories, type Check, type Variant } from '../support/app-builds';

const recordings = recordingsIn('test/golden/histories');
const count = recordings.length;
/** Returns have a table of their own. */
const ofOrders = recordings.filter((name) => !name.startsWith('returns')).length;
const folder = mkdtempSync(path.join(tmpdir(), 'order-saga-histories-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function checkVariant(variant: Variant): Promise<Check> {
  buildVariant(variant, path.join(folder, variant));
  return checkHistories('--app', path.join(folder, variant));
}

describe('npm run test:histories', () => {
  test('S12: passes the build as it is', async () => {
    expect(await checkHistories()).toEqual({
      exitCode: 0,
      output: `${count} histories: the built app goes on with each as it was recorded.\n`,
    });
  });

  test('S12: refuses two steps swapped without a new version, naming file, step and index', async () => {
    const { exitCode, output } = await checkVariant('swapped-steps');
    expect(exitCode).toBe(1);
    expect(output).toContain(
      'completed.json: episode 1, action 0: recorded activity ReserveInventory, now activity ProcessPayment\n',
    );
    // An order that is cancelled before it begins takes neither step, and undoes the first one.
    expect(output).toContain(`${ofOrders} of ${count} histories. `);
    expect(output).toContain('new definition version (docs/saga-versions.md)');
  });

  test('S12: refuses a step put into a version that runs, where that step comes', async () => {
    const { exitCode, output } = await checkVariant('step-in-between');
    expect(exitCode).toBe(1);
    expect(output).toContain(
      'completed.json: episode 3, action 2: recorded activity CreateShipment, now activity ScreenCustomer\n',
    );
    expect(output).not.toContain('out-of-stock.json');
  });

  test('S12: passes the same step in a version of its own', async () => {
    expect(await checkVariant('inserted-step')).toMatchObject({ exitCode: 0 });
  });

  test('S12: checks histories that the app has exported as it checks recorded ones', async () => {
    const recorded = recordingsIn('test/golden/histories').flatMap((name) => {
      const recording = readRecording('test/golden/histories', name);
      return 'status' in recording ? [recording.status] : [];
    });
    expect(recorded.length).toBeGreaterThan(3);
    const records = recorded.map(({ name, instanceId, createdTime, historyEvents, ...more }) => ({
      ...{ ...more, orchestrator: name, orderId: instanceId, createdAt: createdTime, history: historyEvents },
    }));
    const exported = path.join(folder, 'exported');
    const files = createExportFiles(createFolderFiles(exported));
    await files.create(
      'histories/2026-01-01/0001.jsonl.gz',
      records.map((record) => [record]),
    );
    await files.create('events/2026-01-01/0001.jsonl.gz', [[{ type: 'OrderCreated', sequence: 1 }]]);
    expect(await checkHistories('--exported', exported)).toEqual({
      exitCode: 0,
      output: `${records.length} histories: the built app goes on with each as it was recorded.\n`,
    });
    buildVariant('swapped-steps', path.join(folder, 'swapped-steps'));
    const other = await checkHistories('--exported', exported, '--app', path.join(folder, 'swapped-steps'));
    expect(other.exitCode).toBe(1);
  });

  test('says what is wrong when there is no build or no system, and that is no pass', async () => {
    expect(await checkHistories('--app', folder)).toMatchObject({
      exitCode: 2,
      output: expect.stringContaining('package.json could not be read') as string,
    });
    expect(await checkHistories('--from', 'http://127.0.0.1:9')).toMatchObject({
      exitCode: 2,
      output: expect.stringContaining('http://127.0.0.1:9 does not answer') as string,
    });
  });
});
