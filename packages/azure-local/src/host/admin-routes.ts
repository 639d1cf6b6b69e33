// Routes for `/admin/…` of the platform, with the method and the key that each asks for. An unknown path is a 404
// before any key is checked. admin-api.ts answers.

/** What answers a route; `notSimulated` is one that the platform has and this host refuses by name. */
export type AdminAnswer =
  'ping' | 'warmup' | 'status' | 'functions' | 'function' | 'run' | 'functionStatus' | 'notSimulated';

export interface AdminRoute {
  readonly answer: AdminAnswer;
  /** Whether it asks for the master key. */
  readonly isGuarded: boolean;
}

interface Row {
  readonly methods: readonly string[];
  /** Segments after `/admin`; `{…}` takes any one, `{*}` any rest. */
  readonly path: string;
  readonly answer: AdminAnswer;
  readonly isOpen?: true;
}

const route = (methods: string, path: string, answer: AdminAnswer = 'notSimulated'): Row => ({
  ...{ methods: methods === '' ? [] : methods.split(' '), path, answer },
});

/** No method stands for all. */
const ROUTES: readonly Row[] = [
  { ...route('GET POST', 'host/ping', 'ping'), isOpen: true },
  { ...route('', 'warmup', 'warmup'), isOpen: true },
  route('GET', 'host/status', 'status'),
  ...['host/config', 'host/processes', 'host/drain/status', 'instance/info'].map((path) =>
    route('GET', path),
  ),
  ...['drain', 'resume', 'scale/status', 'log', 'debug', 'synctriggers', 'restart'].map((path) =>
    route('POST', `host/${path}`),
  ),
  route('PUT', 'host/state'),
  ...['keys', 'functionkeys', 'systemkeys'].flatMap((keys) => [
    route('GET', `host/${keys}`),
    route('GET POST PUT DELETE', `host/${keys}/{name}`),
  ]),
  route('GET POST PUT', 'host/extensions'),
  route('DELETE', 'host/extensions/{id}'),
  route('GET', 'host/extensions/jobs'),
  route('GET', 'host/extensions/jobs/{id}'),
  route('GET', 'host/extensionbundle/v1/{part}'),
  route('GET', 'functions', 'functions'),
  route('GET', 'functions/{name}', 'function'),
  route('POST', 'functions/{name}', 'run'),
  route('PUT DELETE', 'functions/{name}'),
  route('GET', 'functions/{name}/status', 'functionStatus'),
  route('GET', 'functions/{name}/keys'),
  route('GET POST PUT DELETE', 'functions/{name}/keys/{key}'),
  route('POST', 'instance/assign'),
  route('POST', 'pod/assign'),
  route('', 'vfs'),
  route('', 'vfs/{*}'),
];

/** The route of a request; undefined where the platform has none. `path` begins with `/admin`. */
export function adminRoute(method: string, path: string): AdminRoute | undefined {
  const [root, ...segments] = adminSegments(path);
  if (root !== 'admin') return undefined;
  const row = ROUTES.find(
    ({ methods, path: template }) =>
      (methods.length === 0 || methods.includes(method)) && matches(template.split('/'), segments),
  );
  return row === undefined ? undefined : { answer: row.answer, isGuarded: row.isOpen !== true };
}

/** In lower case, `admin` first; a slash at the end means nothing. */
export const adminSegments = (path: string): readonly string[] =>
  path
    .toLowerCase()
    .replace(/^\/|\/$/g, '')
    .split('/');

function matches(template: readonly string[], segments: readonly string[]): boolean {
  if (template.at(-1) === '{*}')
    return (
      segments.length >= template.length &&
      matches(template.slice(0, -1), segments.slice(0, template.length - 1))
    );
  return (
    template.length === segments.length &&
    template.every((part, index) =>
      part.startsWith('{') ? segments[index] !== '' : part === segments[index],
    )
  );
}
