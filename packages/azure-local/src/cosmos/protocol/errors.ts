// Errors of the service: a status, the name of its code, a message. They know no HTTP server.

const CODES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'PreconditionFailed',
  413: 'RequestEntityTooLarge',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  501: 'NotImplemented',
  503: 'ServiceUnavailable',
};

/** An answer that is not a success. `headers` are sent along as they are, name and value in turn. */
export class CosmosError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly substatus?: number,
    readonly headers: readonly string[] = [],
  ) {
    super(message);
    this.name = 'CosmosError';
  }

  /** The same with these headers too. */
  with(headers: readonly string[]): CosmosError {
    return new CosmosError(this.status, this.message, this.substatus, [...this.headers, ...headers]);
  }

  get code(): string {
    return CODES[this.status] ?? 'Error';
  }
}

/** The refusal of something the service has and this look-alike does not. */
export function notSimulated(what: string, instead: string): CosmosError {
  return new CosmosError(501, `The local Cosmos DB look-alike does not simulate ${what}. ${instead}`);
}

export const throttled = (retryAfterMs: number): CosmosError =>
  new CosmosError(
    429,
    'Request rate is large. More Request Units may be needed, so no changes were made.',
    3200,
    ['x-ms-retry-after-ms', String(retryAfterMs)],
  );

export const notFound = (): CosmosError =>
  new CosmosError(404, 'Entity with the specified id does not exist in the system.');

export const conflict = (): CosmosError =>
  new CosmosError(409, 'Entity with the specified id already exists in the system.');

export const preconditionFailed = (): CosmosError =>
  new CosmosError(412, 'Operation cannot be performed because one of the specified precondition is not met.');

/** `why`: a fault that was asked for, or a disk that takes no writes. */
export const unavailable = (why: string): CosmosError =>
  new CosmosError(503, `The service is currently unavailable: ${why}`);

export const tooLarge = (): CosmosError =>
  new CosmosError(413, 'Request size is too large: a document or a batch holds at most 2 MB.');
