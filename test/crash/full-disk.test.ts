// The data folder fills up while orders come in, and there is space again: once by a limit on the size of files, which
// needs no rights, and once by a small file system, where mounting is allowed.
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { endOf, imbalance } from '../../tools/crash/end';
import { crashSystem, type PostAnswer } from '../../tools/crash/system';
import { limitFileSize, mountSmallDisk, whyNoLimits } from '../support/full-disk';
import { SCOPE } from '../support/orders';

const WITHIN_MS = 150_000;
const SETTINGS = {
  'OrderProcessing:BreakerOpenSeconds': '0.2',
  'OrderProcessing:ReconcileAfterSeconds': '2',
  'OrderProcessing:CompensationMaxAttempts': '5',
};

let system: RunningSystem;
/** The id of every order that was acknowledged, by key. */
const taken = new Map<string, string>();
const refused = new Map<string, PostAnswer>();

const orderOf = (key: string) => ({ customerId: `${key.endsWith('3') ? 'noship-' : ''}${key}`, key });

async function post(key: string): Promise<number> {
  const answer = await crashSystem(system).post(orderOf(key));
  if (answer.status === 202 || answer.status === 200) taken.set(key, answer.id);
  else refused.set(key, answer);
  return answer.status;
}

/** Posts, several at a time, until the store takes no more; fails when the disk does not fill up. */
async function postUntilRefused(prefix: string): Promise<void> {
  let count = 0;
  await until(
    'orders are refused',
    async () => {
      count += 4;
      const keys = [1, 2, 3, 4].map((one) => `${prefix}-${count + one}`);
      return (await Promise.all(keys.map(post))).includes(503);
    },
    WITHIN_MS,
  );
}

interface Health {
  readonly code: number;
  readonly status: string;
  readonly checks: Readonly<Record<string, string>>;
}

const health = async (): Promise<Health> => {
  const response = await fetch(`${system.urls.api}/api/health`);
  return { code: response.status, ...((await response.json()) as Omit<Health, 'code'>) };
};

/** An answer is kept for some seconds. */
const untilHealthIs = (code: number): Promise<Health> =>
  until(
    `health answers ${code}`,
    async () => {
      const answer = await health();
      return answer.code === code && answer;
    },
    WITHIN_MS,
  );

const isHealthy = async (): Promise<boolean> => {
  try {
    return (await health()).status === 'ok';
  } catch {
    // The host is just being started again.
    return false;
  }
};

/** `first` comes before every look: a process that was just started may need it too. */
const isBack = (first: () => void = () => undefined): Promise<true> =>
  until(
    'the system takes orders again',
    () => {
      first();
      return isHealthy();
    },
    WITHIN_MS,
  );

/** Every order that was acknowledged is there, has ended, and has all of its effects or every one undone. */
async function expectNothingLost(): Promise<void> {
  const after = crashSystem(system);
  const wrong = [];
  for (const id of taken.values()) {
    const one = await endOf(after, id);
    expect(['completed', 'failed']).toContain(one.order.status);
    expect(one.order).toEqual(one.folded);
    wrong.push(imbalance(one, await after.effects(id)));
  }
  expect(wrong.filter((problem) => problem !== undefined)).toEqual([]);
  for (const { orderId } of await after.effects())
    expect(await after.store.read(SCOPE, orderId)).toBeDefined();
}

/** What was refused can be sent again under its key. */
async function sendRefusedAgain(): Promise<void> {
  for (const key of [...refused.keys()].slice(0, 4)) {
    taken.set(key, await crashSystem(system).postUntilTaken(orderOf(key)));
  }
}

function expectRefusalsOfTheDocumentedKind(): void {
  expect(refused.size).toBeGreaterThan(0);
  for (const { status, retryAfter } of refused.values()) {
    expect(status).toBe(503);
    expect(Number(retryAfter)).toBeGreaterThan(0);
  }
}

const forget = (): void => {
  taken.clear();
  refused.clear();
};

const noLimits = whyNoLimits();
if (noLimits !== undefined) process.stderr.write(`Skipped: files that may not grow (${noLimits})\n`);

(noLimits === undefined ? describe : describe.skip)('a system whose files may not grow', () => {
  const room = 60_000;
  const limitPlatform = (bytes: number | undefined): void =>
    limitFileSize([system.pids.supervisor, system.pids.platform], bytes);
  const limitHost = (bytes: number | undefined): void =>
    limitFileSize([system.pids.supervisor, system.pids.host], bytes);
  const logBytes = (name: string): number => statSync(path.join(system.dataDir, `${name}.db-wal`)).size;
  const saidByPlatform = (): readonly string[] =>
    system.output().match(/^platform.*platform\.db cannot be written/gm) ?? [];
  let supervisor: number;
  let first: number;

  beforeAll(async () => {
    forget();
    system = await startSystem({ settings: SETTINGS });
    supervisor = system.pids.supervisor;
    first = system.pids.platform;
    expect(await post('before-1')).toBe(202);
    limitPlatform(logBytes('platform') + room);
    await postUntilRefused('full');
  });
  afterAll(() => system.stop());

  test('refuses with 503 and Retry-After, says 503 for its health, and goes on running', async () => {
    expect((await untilHealthIs(503)).checks).toMatchObject({ store: 'unavailable' });
    expect(await post('full-later')).toBe(503);
    expectRefusalsOfTheDocumentedKind();
    expect(system.pids.platform).toBe(first);
    const refusedByService = await fetch(`${system.urls.services}/payments/charges`, {
      method: 'POST',
      headers: { 'idempotency-key': 'o:pay', 'content-type': 'application/json' },
      body: JSON.stringify({ orderId: 'o', customerId: 'c', amountMinor: 1, currency: 'EUR' }),
    });
    expect(refusedByService.status).toBe(503);
    expect(saidByPlatform()).toHaveLength(1);
  });

  test('is started again and again, and not given up, when it is killed meanwhile', async () => {
    await system.kill('platform');
    await until('the next one says the same', () => saidByPlatform().length > 1, WITHIN_MS);
    expect(await post('full-killed')).toBe(503);
  });

  test('takes orders again by itself once its files may grow, and has lost nothing', async () => {
    await isBack(() => limitPlatform(undefined));
    expect(await post('after-1')).toBe(202);
    await sendRefusedAgain();
    await expectNothingLost();
    expect(system.pids.supervisor).toBe(supervisor);
  });

  test('S6: a host with a full disk takes orders all the same, and their sagas begin when there is space', async () => {
    forget();
    limitHost(logBytes('host') + 30_000);
    let count = 0;
    await until(
      'the task hub is away',
      async () => {
        expect(await post(`hub-${(count += 1)}`)).toBe(202);
        return (await health()).checks['taskHub'] === 'unavailable';
      },
      WITHIN_MS,
    );
    expect(await health()).toMatchObject({ code: 200, status: 'degraded' });
    expect(await post('hub-later')).toBe(202);
    await isBack(() => limitHost(undefined));
    expect(await post('hub-after')).toBe(202);
    await expectNothingLost();
  });
});

const disk = mountSmallDisk(16);
if ('refused' in disk) process.stderr.write(`Skipped: a small file system (${disk.refused})\n`);

('refused' in disk ? describe.skip : describe)('a data folder on a disk that is full', () => {
  const folder = 'refused' in disk ? '' : disk.folder;
  const filler = path.join(folder, 'filler');

  beforeAll(async () => {
    forget();
    system = await startSystem({ settings: SETTINGS, dataDir: path.join(folder, 'data') });
    expect(await post('before-1')).toBe(202);
    fillUp(filler);
    await postUntilRefused('full');
  });
  afterAll(async () => {
    await system.stop();
    if ('remove' in disk) disk.remove();
  });

  test('causes refusals while it is full, and every acknowledged order ends when there is space', async () => {
    await untilHealthIs(503);
    expectRefusalsOfTheDocumentedKind();
    const { supervisor } = system.pids;
    rmSync(filler);
    await isBack();
    expect(await post('after-1')).toBe(202);
    await sendRefusedAgain();
    await expectNothingLost();
    expect(system.pids.supervisor).toBe(supervisor);
  });
});

/** Writes a file until not a block is left. */
function fillUp(file: string): void {
  const descriptor = openSync(file, 'w');
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(4_096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(descriptor);
  }
}
