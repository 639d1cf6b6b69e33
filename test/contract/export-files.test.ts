// Where export files are kept: a folder, and a container of Azure Storage through the official SDK. One suite for both.
import { createServer, type Server } from 'node:http';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBlobFiles } from '../../src/adapters/blob-files';
import { createExportFiles } from '../../src/adapters/export-files';
import { createFolderFiles } from '../../src/adapters/folder-files';

let folder: string;
let server: Server;
const blobs = new Map<string, Buffer>();
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'order-saga-files-'));
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const name = new URL(request.url ?? '', 'http://127.0.0.1').pathname;
      const { status, headers, body } = answer(
        request.method ?? '',
        name,
        request.headers,
        Buffer.concat(chunks),
      );
      response
        .writeHead(status, { 'x-ms-request-id': '1', 'x-ms-version': '2026-02-06', ...headers })
        .end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

interface Answered {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: Buffer | string;
}

/** The three operations of the Blob service that are used. */
function answer(
  method: string,
  name: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  sent: Buffer,
): Answered {
  const blob = blobs.get(name);
  if (method === 'PUT') {
    if (blob !== undefined && headers['if-none-match'] === '*')
      return { status: 409, headers: { 'x-ms-error-code': 'BlobAlreadyExists' } };
    blobs.set(name, sent);
    return { status: 201, headers: { etag: '"1"', 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' } };
  }
  if (blob === undefined) return { status: 404, headers: { 'x-ms-error-code': 'BlobNotFound' } };
  const facts = {
    etag: '"1"',
    'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
    'x-ms-blob-type': 'BlockBlob',
  };
  if (method === 'HEAD') return { status: 200, headers: { ...facts, 'content-length': String(blob.length) } };
  const [, from, to] = /bytes=(\d+)-(\d*)/.exec(String(headers['x-ms-range'] ?? headers['range'])) ?? [];
  const part = blob.subarray(Number(from ?? 0), to ? Number(to) + 1 : undefined);
  return {
    status: 206,
    headers: {
      ...facts,
      'content-length': String(part.length),
      'content-range': `bytes ${from ?? 0}-${Number(from ?? 0) + part.length - 1}/${blob.length}`,
    },
    body: part,
  };
}

const open = {
  'in a folder': () => createFolderFiles(folder),
  'in a container of Azure Storage': () => {
    const { port } = server.address() as AddressInfo;
    return createBlobFiles(`http://127.0.0.1:${port}/account/exports?sig=a-signature`);
  },
};

describe.each(Object.entries(open))('files %s', (where, files) => {
  const name = (file: string): string => `events/2026-01-01/${file}-${where.length}.jsonl.gz`;

  test('are made once, and a second one of that name is not written', async () => {
    expect(await files().create(name('once'), Buffer.from('first'))).toBe(true);
    expect(await files().create(name('once'), Buffer.from('second'))).toBe(false);
    expect((await files().read(name('once'))).toString()).toBe('first');
  });

  test('of two that make it at once one does', async () => {
    const both = await Promise.all(['a', 'b'].map((text) => files().create(name('both'), Buffer.from(text))));
    expect(both.filter(Boolean)).toHaveLength(1);
  });

  test('are read in part', async () => {
    await files().create(name('part'), Buffer.from('0123456789'));
    expect((await files().read(name('part'), { offset: 3, length: 4 })).toString()).toBe('3456');
  });

  test('give each group of lines by its place; the same file once more is no other, another one is', async () => {
    const groups = [[{ a: 1 }, { b: 'ü\n' }], [{ c: 3 }]];
    const places = await createExportFiles(files()).create(name('groups'), groups);
    for (const [index, place] of (places ?? []).entries())
      expect(await createExportFiles(files()).read(place)).toEqual(groups[index]);
    expect(places).toHaveLength(2);
    expect(await createExportFiles(files()).create(name('groups'), groups)).toEqual(places);
    expect(await createExportFiles(files()).create(name('groups'), [[{ d: 4 }]])).toBeUndefined();
  });

  test('that cannot be read are an outage', async () => {
    await expect(files().read(name('never'))).rejects.toMatchObject({ details: { outage: true } });
  });
});

test('nothing of a file that was not made stays in the folder', async () => {
  const files = createFolderFiles(path.join(folder, 'drafts'));
  await files.create('f.gz', Buffer.from('1'));
  await files.create('f.gz', Buffer.from('2'));
  expect(await readdir(path.join(folder, 'drafts'))).toEqual(['f.gz']);
});
