// The scope of what comes in: the one place that says whose data a request or message may touch (S19). Callers are not told
// apart yet, so all of it is in the one tenant there is.
import type { HttpRequest } from '@azure/functions';
import { DEFAULT_TENANT, type Scope, type TenantScope } from '../domain/scope';
import type { InboundMessage } from '../ports/inbound-message';

/** What the caller of an endpoint may see and do. */
export const scopeOf: (request: HttpRequest) => Scope = () => DEFAULT_TENANT;

/** What an operator may see and do: a tenant, and not only a customer of it. */
export const operatorScope: (request: HttpRequest) => TenantScope = () => DEFAULT_TENANT;

/** Whose order a message on the queue is. */
export const scopeOfMessage: (message: InboundMessage) => Scope = () => DEFAULT_TENANT;
