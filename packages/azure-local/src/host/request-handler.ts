// Router of a host's HTTP requests: to an extension by its path, to `/admin`, to a function, or 404. It must not know
// sockets.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { accessTo, givenKey, REFUSALS, type HostKeys } from '../kit/host-keys';
import { writeHomePage, type AdminApi } from './admin-api';
import { adminRoute } from './admin-routes';
import { writeEmpty } from './http-response';
import type { HttpTriggers } from './http-trigger';
import { parseTarget } from './request-target';

/** What is mounted beside the functions, such as the durable management API; it looks after its own keys. */
export interface HostExtension {
  /** `/runtime/webhooks/durabletask`: without case, with everything below it. */
  readonly path: string;
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Answerers {
  readonly extensions: readonly HostExtension[];
  readonly admin: AdminApi;
  readonly httpTriggers: HttpTriggers;
  readonly keys: HostKeys | undefined;
}

export function createRequestHandler({ extensions, admin, httpTriggers, keys }: Answerers): RequestHandler {
  const toExtension = createExtensionHandler(extensions);
  return async (request, response) => {
    const target = parseTarget(request.url ?? '');
    if (target === undefined) {
      writeEmpty(response, 400);
      return;
    }
    const { path, query } = target;
    const extended = toExtension(request, response);
    if (extended !== undefined) {
      await extended;
    } else if (path === '/' && request.method === 'GET') {
      writeHomePage(response);
    } else if (!/^\/(admin|runtime)(\/|$)/i.test(path)) {
      if (!(await httpTriggers(request, response, target))) writeEmpty(response, 404);
    } else {
      const route = adminRoute(request.method ?? 'GET', path);
      const isGuarded = route?.isGuarded ?? WEBHOOK_OF_NONE.test(path);
      const access = isGuarded ? accessTo(keys, 'master', givenKey(request, query)) : 'granted';
      if (access !== 'granted') writeEmpty(response, REFUSALS[access].status, REFUSALS[access].headers);
      else if (route === undefined) writeEmpty(response, 404);
      else await admin(request, response, path, route);
    }
  };
}

/** The webhook of an extension that is not there asks for a key before it is a 404. */
const WEBHOOK_OF_NONE = /^\/runtime\/webhooks\/[^/]/i;

/** Hands a request to the extension whose path it is below; undefined when there is none. */
export function createExtensionHandler(
  extensions: readonly HostExtension[],
): (request: IncomingMessage, response: ServerResponse) => Promise<void> | undefined {
  const mounts = extensions.map((extension) => ({ extension, path: extension.path.toLowerCase() }));
  return (request, response) => {
    const { url = '', headers } = request;
    for (const { extension, path } of mounts) {
      if (url.length < path.length || url.slice(0, path.length).toLowerCase() !== path) continue;
      if (!['', '/', '?'].includes(url.charAt(path.length))) continue;
      const asked = urlOf(`http://${headers.host ?? '127.0.0.1'}${url}`);
      if (asked !== undefined) return extension.handle(request, response, asked);
      writeEmpty(response, 400);
      return Promise.resolve();
    }
    return undefined;
  };
}

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
