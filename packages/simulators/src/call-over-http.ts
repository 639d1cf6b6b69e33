// Adapter between HTTP and the call handler of a simulated service: who calls, under which key, and the reply.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingCall, Reply } from './calls';
import { sendJson, type JsonBody } from './http-json';
import { refused, type Answer, type Operation, type ServiceName } from './operation';
import type { RequestLog, SeenRequest } from './request-log';
import type { Clock } from 'azure-local/kit/clock';

export interface CallParts {
  readonly handle: (call: IncomingCall) => Promise<Reply>;
  readonly requests: RequestLog;
  readonly clock: Clock;
}

/** A request for `operation`, its body read; `key` is the one in the path, empty when the path has none. */
export interface CallRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly service: ServiceName;
  readonly operation: Operation;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly body: Exclude<JsonBody, { kind: 'gone' }>;
}

const KEY_REQUIRED = refused(
  400,
  'IDEMPOTENCY_KEY_REQUIRED',
  'A POST needs the header Idempotency-Key, such as <orderId>:<step>: without it a repeat would act twice.',
);

/** Handles the request and replies; keeps it in the request log, whatever comes of it. */
export async function serveCall(call: CallRequest, { handle, requests, clock }: CallParts): Promise<void> {
  const seen = noted(call, clock.now());
  requests.add(seen);
  const reply = await replyTo(call, seen, handle);
  switch (reply.kind) {
    case 'answer':
      seen.status = reply.answer.status;
      sendJson(call.response, reply.answer);
      return;
    case 'withheld':
      return;
    case 'lost':
      call.response.destroy();
  }
}

function replyTo(
  { service, operation, key, query, body }: CallRequest,
  seen: SeenRequest,
  handle: CallParts['handle'],
): Promise<Reply> {
  if (seen.key === undefined) return answered(KEY_REQUIRED);
  if (body.kind === 'refused') return answered(body.answer);
  return handle({
    service,
    operation,
    key: key === '' ? seen.key : key,
    body: body.value,
    orderId: seen.orderId,
    customerId: textField(body.value, 'customerId') ?? query.get('customerId') ?? undefined,
  });
}

function noted({ request, service, operation, key, query, body }: CallRequest, atMs: number): SeenRequest {
  const { method = 'GET', url = '/' } = request;
  const ownKey = method === 'POST' ? header(request, 'idempotency-key') : key;
  const named = body.kind === 'json' ? textField(body.value, 'orderId') : undefined;
  return {
    atMs,
    service,
    operation: operation.name,
    // Keys are <orderId>:<step>, so that a look-up without a query still tells whom it is for.
    orderId: named ?? query.get('orderId') ?? ownKey?.split(':', 1)[0],
    method,
    path: url,
    key: ownKey,
    traceparent: header(request, 'traceparent'),
    correlationId: header(request, 'x-correlation-id'),
    status: null,
  };
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textField(body: unknown, field: 'orderId' | 'customerId'): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value = (body as Record<string, unknown>)[field];
  return typeof value === 'string' ? value : undefined;
}

function answered(answer: Answer): Promise<Reply> {
  return Promise.resolve({ kind: 'answer', answer });
}
