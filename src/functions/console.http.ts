// Route for the web console: its page for every address below /api/ui, and the two files that the page loads. They hold no
// data: what the pages show they ask the API for, as whoever is signed in.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { COMMON_HEADERS } from './answer-headers';

/** Beside the bundle. Anything else below /api/ui is an address of the page itself. */
const FILES: Readonly<Record<string, string>> = {
  'app.js': 'text/javascript; charset=utf-8',
  'app.css': 'text/css; charset=utf-8',
};
const PAGE = 'index.html';

/** The page loads nothing from elsewhere, and nobody shows it in a frame of theirs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

interface Served {
  readonly etag: string;
  readonly body: Buffer;
}

export function registerConsole(): void {
  const folder = path.join(__dirname, 'console');
  const served = new Map<string, Promise<Served>>();
  const serve = (file: string): Promise<Served> => {
    const known = served.get(file) ?? readServed(path.join(folder, file));
    served.set(file, known);
    known.catch(() => served.delete(file));
    return known;
  };
  app.http('Console', {
    methods: ['GET'],
    route: 'ui/{*path}',
    authLevel: 'anonymous',
    handler: (request) => consoleAnswer(request, serve),
  });
}

async function readServed(file: string): Promise<Served> {
  const body = await readFile(file);
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
}

async function consoleAnswer(
  request: HttpRequest,
  serve: (file: string) => Promise<Served>,
): Promise<HttpResponseInit> {
  const asked = request.params['path'] ?? '';
  const file = Object.hasOwn(FILES, asked) ? asked : PAGE;
  const { etag, body } = await serve(file);
  const headers = {
    'Content-Type': FILES[file] ?? 'text/html; charset=utf-8',
    'Content-Security-Policy': POLICY,
    ...COMMON_HEADERS,
    // Asked for anew each time, and answered in a few bytes while it is the same.
    'Cache-Control': 'no-cache',
    ETag: etag,
  };
  return request.headers.get('if-none-match') === etag
    ? { status: 304, headers }
    : { status: 200, headers, body };
}
