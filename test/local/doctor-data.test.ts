// The checks of `npm run doctor` on ports and the data folder, each with the fault that it finds.
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { checkClock, checkData, checkSpace, judgeSpace } from '../../local/doctor/check-data';
import { checkPorts } from '../../local/doctor/check-ports';
import { folder, folderPerTest, linesOf, matching, startOptions } from '../support/doctor-fixture';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { Journal } from 'azure-local/storage/journal';
import { claimDataFolder, writeRunFile } from 'azure-local/supervisor/run-file';
import { freePorts } from 'azure-local/supervisor/start-flags';

folderPerTest();

describe('ports', () => {
  const NONE = freePorts();

  test('that another program holds are named with their flag and, on Linux, the program', async () => {
    const server = createServer();
    const port = await listenOnLoopback(server, 0, 'test', '--port');
    const findings = await checkPorts(startOptions(folder, ...NONE, '--cosmos-port', String(port)));
    server.close();
    expect(linesOf(findings)).toEqual([matching(`error ports: port ${port} (--cosmos-port) is held by `)]);
    if (existsSync('/proc/net/tcp')) expect(findings[0]?.message).toContain(`(process ${process.pid})`);
    expect(findings[0]?.remedy).toContain('--cosmos-port <port>');
  });

  test('that the system of the data folder holds are as they should be', async () => {
    const server = createServer();
    const port = await listenOnLoopback(server, 0, 'test', '--port');
    const lock = claimDataFolder(folder);
    const url = `http://127.0.0.1:${port}`;
    writeRunFile(folder, {
      pids: { supervisor: process.pid, platform: 2, host: 3 },
      urls: { api: url, services: url, cosmos: url, servicebus: url, eventgrid: url, telemetry: url },
    });
    const findings = await checkPorts(startOptions(folder, ...NONE, '--port', String(port)));
    lock.release();
    server.close();
    expect(linesOf(findings)).toEqual([`ok ports: the system runs: ${url} (process ${process.pid})`]);
  });

  test('that are free are reported, and no data folder is made', async () => {
    rmSync(folder, { recursive: true });
    expect(linesOf(await checkPorts(startOptions(folder, ...NONE)))).toEqual([
      'ok ports: 0, 0, 0, 0, 0, 0 are free',
    ]);
    expect(existsSync(folder)).toBe(false);
  });
});

describe('the data folder', () => {
  async function database(name: string): Promise<string> {
    const file = path.join(folder, name);
    const journal = new Journal(file);
    journal.schema('CREATE TABLE notes (text)');
    const add = journal.statement('INSERT INTO notes VALUES (?)');
    await journal.write(() => Array.from({ length: 40 }, () => add.run('x'.repeat(2_000))));
    await journal.close();
    return file;
  }
  const overwrite = (file: string, at: number, bytes: Buffer): void => {
    const all = readFileSync(file);
    bytes.copy(all, at);
    writeFileSync(file, all);
  };

  test('in order is reported, and so is one that does not exist yet', async () => {
    await database('platform.db');
    expect(linesOf(checkData(folder))).toEqual([`ok data folder: ${folder}`]);
    const later = path.join(folder, 'later');
    expect(linesOf(checkData(later))).toEqual([`ok data folder: ${later} is made at the first start`]);
    expect(existsSync(later)).toBe(false);
  });

  test('with a database that is torn, newer or not ours is named', async () => {
    const platform = await database('platform.db');
    overwrite(platform, 60, Buffer.from([0, 0, 0, 9]));
    writeFileSync(path.join(folder, 'host.db'), 'not a database, but long enough to be taken for one');
    const findings = checkData(folder);
    expect(linesOf(findings)).toEqual([
      matching(`error data folder: ${path.join(folder, 'host.db')} cannot be used: it is no SQLite database`),
      matching(`error data folder: ${platform} cannot be used: it has format 9`),
    ]);
    expect(findings[0]?.remedy).toContain('npm run reset');
  });

  test('with a database that is damaged within is named, and is left as it is', async () => {
    const file = await database('platform.db');
    overwrite(file, 8_192, Buffer.alloc(8_192, 0xa5));
    const before = readFileSync(file);
    expect(linesOf(checkData(folder))).toEqual([matching(`error data folder: ${file} is damaged`)]);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('with files of others is named', () => {
    writeFileSync(path.join(folder, 'thesis.doc'), '');
    expect(linesOf(checkData(folder))).toEqual([matching("holds what is not this app's: thesis.doc")]);
  });

  test('that a killed system left is named with its process', () => {
    const url = 'http://127.0.0.1:1';
    const pid = 2 ** 22 + 1;
    writeRunFile(folder, {
      pids: { supervisor: pid, platform: pid, host: pid },
      urls: { api: url, services: url, cosmos: url, servicebus: url, eventgrid: url, telemetry: url },
    });
    expect(linesOf(checkData(folder))).toEqual([
      `warning data folder: run.json was left by a system that was killed (process ${pid}): none of its processes runs`,
    ]);
  });

  test('on a disk with little space is named, and is refused with next to none', () => {
    expect(checkSpace(path.join(folder, 'not', 'there')).check).toBe('disk');
    expect(judgeSpace(folder, 10 * 2 ** 30).status).toBe('ok');
    expect(linesOf([judgeSpace(folder, 2 ** 29)])).toEqual([`warning disk: 0.5 GB free for ${folder}`]);
    expect(linesOf([judgeSpace(folder, 2 ** 24)])).toEqual([matching('error disk: 0.0 GB free')]);
  });

  test('that was changed after now is named: the clock has gone back', () => {
    const file = path.join(folder, 'platform.db-wal');
    writeFileSync(file, '');
    const nowMs = Date.UTC(2026, 0, 1);
    utimesSync(file, nowMs / 1_000, nowMs / 1_000);
    expect(checkClock(folder, nowMs).status).toBe('ok');
    expect(linesOf([checkClock(folder, nowMs - 90_000)])).toEqual([
      matching('warning clock: it is 90 s before the last change'),
    ]);
  });
});
