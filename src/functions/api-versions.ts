// Answers requests that name a version of the API which was removed, or never was.
import { app } from '@azure/functions';
import { HttpProblem, endpoint } from './http';
import { API_VERSIONS, REMOVED_VERSIONS } from './routes/versions';

/** Excludes the versions that exist: the platform does not document which of two fitting routes it takes. */
const OTHER_VERSION = `^v(?!(${API_VERSIONS.map((version) => version.slice(1)).join('|')})$)\\d+$`;

/** Registers RefuseApiVersion. */
export function registerVersionRefusal(): void {
  app.http('RefuseApiVersion', {
    authLevel: 'anonymous',
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    route: `{version:regex(${OTHER_VERSION})}/{*rest}`,
    handler: endpoint(({ request }) => Promise.reject(noVersion(request.params.version ?? ''))),
  });
}

function noVersion(given: string): HttpProblem {
  const version = given.toLowerCase().slice(0, 100);
  const there = `There is ${API_VERSIONS.join(', ')}; without a version you get the newest`;
  return REMOVED_VERSIONS.includes(version)
    ? new HttpProblem('API_VERSION_REMOVED', `Version ${version} of this API was removed. ${there}`)
    : new HttpProblem('API_VERSION_UNKNOWN', `There is no version ${version} of this API. ${there}`);
}
