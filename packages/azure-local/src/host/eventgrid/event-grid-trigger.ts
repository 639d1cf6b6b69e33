// Trigger `eventGridTrigger`: a webhook of the host that runs a function for each event posted to it. It answers when
// the functions have ended, so that a failure makes Event Grid send the events again.
//
// event-grid-trigger.E1  One invocation for each event, side by side; 500 when one fails, and then the whole request
//   comes again.
// event-grid-trigger.E2  `close` takes in nothing more and waits for what runs.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../kit/clock';
import { accessTo, givenKey, REFUSALS, type HostKeys } from '../../kit/host-keys';
import { HOST_BODY_BYTES_AT_MOST, readBody } from '../../kit/read-body';
import type { HostedFunction } from '../hosted-function';
import { writeEmpty, writeText } from '../http-response';
import type { Invoke, TriggerEvent } from '../invocation';
import type { HostLogger } from '../../kit/log';
import type { HostExtension } from '../request-handler';
import { parseQuery } from '../request-target';
import type { TriggerKind } from '../trigger-kind';
import { parseEvents, parseValidationCode, type GridEvent, type Unreadable } from './webhook-body';

export interface EventGridTriggerDependencies {
  readonly clock: Clock;
  readonly log: HostLogger;
  /** Given: requests must bring the key `eventgrid` or the master key; else none is asked for. */
  readonly keys?: HostKeys;
}

/** Both belong to one function host: events come to the extension and go to the functions of the trigger. */
export interface EventGridTrigger {
  readonly trigger: TriggerKind;
  readonly extension: HostExtension;
}

/** Where subscriptions send events: `<url><path>?functionName=<name>`. */
const EVENT_GRID_PATH = '/runtime/webhooks/EventGrid';
const CATEGORY = 'Host.Triggers.EventGrid';
const HANDSHAKE = 'perform handshake with eventGrid';
/** The answer to the handshake of CloudEvents, whatever origin asks. */
const ALLOWED_ORIGIN = 'eventgrid.azure.net';

/** A function that events are run through, one at a time. */
interface EventRun {
  readonly name: string;
  readonly call: (event: GridEvent) => Promise<void>;
}

/** The kind of `app.eventGrid`. It has no `runNow`: there is no event to run a function by hand with. */
export function eventGridTrigger({ clock, log, keys }: EventGridTriggerDependencies): EventGridTrigger {
  const functions = new Map<string, EventRun>();
  const running = new Set<Promise<void>>();
  let isClosed = false;
  return {
    trigger: {
      type: 'eventGridTrigger',
      listen(hosted, invoke) {
        for (const fn of hosted) functions.set(fn.name, createRun(fn, invoke, running, clock));
        return {
          start: () => Promise.resolve(),
          async close() {
            isClosed = true;
            await Promise.allSettled(running);
          },
        };
      },
    },
    extension: {
      path: EVENT_GRID_PATH,
      async handle(request, response, url) {
        const query = parseQuery(url.search.slice(1));
        const access = accessTo(keys, 'eventgrid', givenKey(request, url.search.slice(1)));
        const name = valueOf(query, 'functionName');
        const run = functions.get(name);
        const note = (message: string): void => log.write('information', CATEGORY, message);
        if (isClosed) {
          writeEmpty(response, 503);
        } else if (access !== 'granted') {
          writeEmpty(response, REFUSALS[access].status, REFUSALS[access].headers);
        } else if (run === undefined) {
          note(
            `cannot find function: '${name}', available function names: [${[...functions.keys()].join(', ')}]`,
          );
          write(response, { status: 404, text: `cannot find function: '${name}'` });
        } else {
          write(response, await answer(request, run, (text) => note(`${text} for function: ${name}`)));
        }
      },
    },
  };
}

function createRun(fn: HostedFunction, invoke: Invoke, running: Set<Promise<void>>, clock: Clock): EventRun {
  const call = (event: GridEvent): Promise<void> => {
    const run = invoke(fn, toTriggerEvent(event, clock.now()))
      .then(() => undefined)
      .finally(() => running.delete(run));
    running.add(run);
    return run;
  };
  return { name: fn.name, call };
}

/** What a request is answered with; a text is for the sender's log. */
interface Reply {
  readonly status: number;
  readonly text?: string;
  readonly headers?: Record<string, string>;
}

async function answer(request: IncomingMessage, run: EventRun, note: (text: string) => void): Promise<Reply> {
  const { method, headers } = request;
  if (method === 'OPTIONS') {
    note(HANDSHAKE);
    return { status: 200, headers: { 'Webhook-Allowed-Origin': ALLOWED_ORIGIN } };
  }
  const read = await readBody(request, HOST_BODY_BYTES_AT_MOST);
  if (read.kind === 'gone') return { status: 400 };
  if (read.kind === 'tooLarge')
    return { status: 413, text: `The body is over the limit of ${HOST_BODY_BYTES_AT_MOST} bytes.` };
  const body = read.content.toString();
  switch (String(headers['aeg-event-type']).toLowerCase()) {
    case 'subscriptionvalidation': {
      const code = parseValidationCode(body);
      if (code.kind !== 'parsed') return refused(code, note);
      note(HANDSHAKE);
      return { status: 200, text: JSON.stringify({ validationResponse: code.value }) };
    }
    case 'notification':
      return notify(body, run, note);
    case 'unsubscribe':
      return { status: 202 };
    default:
      // As on the platform the sender learns nothing; the log does.
      note('the header aeg-event-type is not Notification, SubscriptionValidation or Unsubscribe');
      return { status: 400 };
  }
}

/** What cannot be read makes the platform fail: the sender learns nothing, the log does. */
function refused({ problem }: Unreadable, note: (text: string) => void): Reply {
  note(problem);
  return { status: 500 };
}

async function notify(body: string, run: EventRun, note: (text: string) => void): Promise<Reply> {
  const events = parseEvents(body);
  if (events.kind !== 'parsed') return refused(events, note);
  const ends = await Promise.allSettled(events.value.map(run.call));
  if (ends.every((end) => end.status === 'fulfilled')) return { status: 202 };
  return { status: 500, text: `Exception while executing function: Functions.${run.name}` };
}

function toTriggerEvent(event: GridEvent, nowMs: number): TriggerEvent {
  const { data } = event;
  return {
    data: { json: JSON.stringify(event) },
    ...(data === undefined ? {} : { metadata: { data: { json: JSON.stringify(data) } } }),
    reason: `EventGrid trigger fired at ${new Date(nowMs).toISOString()}`,
  };
}

/** Names of query values count without case, as the extension reads them. */
function valueOf(query: Readonly<Record<string, string>>, name: string): string {
  const key = Object.keys(query).find((each) => each.toLowerCase() === name.toLowerCase());
  return (key === undefined ? undefined : query[key]) ?? '';
}

function write(response: ServerResponse, { status, text, headers }: Reply): void {
  if (text === undefined) writeEmpty(response, status, headers);
  else writeText(response, status, 'text/plain; charset=utf-8', text);
}
