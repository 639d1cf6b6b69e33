// Renders test.http, a request for every route and every error that a small request can bring about: paths and methods
// come from the route table, the story that the requests tell from http-requests.ts.
import { ROUTES, type RouteName } from '../../../src/functions/routes/routes';
import type { HttpFileRequest } from './http-request';
import { HTTP_REQUESTS } from './http-requests';

const HEAD = `# Requests for every endpoint, to be sent one after the other from an editor (VS Code REST Client) while \`npm start\` runs.
# Written by \`npm run docs\`. \`# expect\` names the status, and for errors the code; test/scenario/test-http.test.ts sends all
# of them and compares. Not here, because it takes a large body: 413 ORDER_TOO_LARGE.

@host = http://127.0.0.1:7071
@services = http://127.0.0.1:7072
`;

export function httpFile(): string {
  return [HEAD, ...HTTP_REQUESTS.map(section)].join('\n');
}

function section({ title, name, expect, headers = {}, body, ...where }: HttpFileRequest): string {
  const hasBody = body !== undefined;
  const lines = [
    `### ${title}`,
    ...(name === undefined ? [] : [`# @name ${name}`]),
    `# expect ${expect}`,
    'route' in where ? requestLine(where.route, where) : `${where.method} ${where.url}`,
    ...Object.entries({ ...(hasBody ? { 'Content-Type': 'application/json' } : {}), ...headers }).map(
      ([header, value]) => `${header}: ${value}`,
    ),
    ...(hasBody ? ['', typeof body === 'string' ? body : JSON.stringify(body, undefined, 2)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

interface RouteRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly version?: string;
}

function requestLine(route: RouteName, { params = {}, query = '', version = '' }: RouteRequest): string {
  const { method, path } = ROUTES[route];
  const filled = path.replace(/\{(\w+)\}/g, (_, parameter: string) => {
    const value = params[parameter];
    if (value === undefined) throw new Error(`a request for ${route} does not say its ${parameter}`);
    return value;
  });
  return `${method} {{host}}/api/${version}${filled}${query}`;
}
