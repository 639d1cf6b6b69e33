// Table of the permitted differences between the function host and the recordings of the real host (test/golden/host),
// each with its reason.

export interface HostDifference {
  /** What was recorded on the platform. */
  readonly platform: string;
  readonly here: string;
  readonly why: string;
}

/** By the recording, or the part of it, that is not compared or compared otherwise. */
export const PERMITTED = {
  'every answer': {
    platform: 'headers `Server: Kestrel`, `Date`, bodies in chunks, names of headers with capitals',
    here: 'no `Server`, bodies with `Content-Length`, names as the app gave them',
    why: 'no client heeds them',
  },
  'a method that is none of HTTP, or in lower case': {
    platform: '404; a known one in lower case is taken for it',
    here: '400',
    why: "Node.js's parser knows no such method",
  },
  'control characters in headers, a length with a sign, lines without CR, a length beside chunks': {
    platform: 'taken',
    here: '400',
    why: "Node.js's parser is stricter",
  },
  'sign-in (App Service authentication)': {
    platform:
      'signs in by identity providers, with pages below `/.auth`; any bearer token that is not valid is a 401',
    here: 'JSON web tokens that the key of the data folder has signed; a bearer token of another form is left to the app',
    why: 'works without an identity provider, and beside a token that the app itself knows',
  },
  http_trigger_stream: {
    platform: 'with `enableHttpStream` handlers that fail or return nothing hang',
    here: 'an app that sets it is refused at the start, by name',
    why: 'not simulated',
  },
  'admin without keys': {
    platform: '401',
    here: 'open unless `--keys` is given, and compared with it',
    why: 'as with Core Tools',
  },
  'admin/keys, config, processes, drain, extensions, vfs, synctriggers': {
    platform: 'keys, settings and processes of the host, its drain state, the files of the app',
    here: '501 that names the path',
    why: 'not simulated: the keys of `--keys` are in a file, the app is in the folder',
  },
  'admin/invoke_http, invoke_orch, invoke_activity': {
    platform: '202, and the function is run with the body as its input',
    here: '501 that names the function; timers are run',
    why: 'not simulated: every such function has a trigger that can be used',
  },
  chunked_request: {
    platform: 'the body reaches the function empty',
    here: '400 that says so',
    why: 'kinder',
  },
  http10_nohost: {
    platform: 'a request without a Host header is a 500',
    here: 'answered under the address of the listener',
    why: 'kinder',
  },
  'a Host header that names no loopback address, or a web page of another site (`Origin`, `Sec-Fetch-Site`)':
    {
      platform: 'taken; an empty 400 for a Host that is no name',
      here: '403 that says so',
      why: 'no web page may drive the machine of a developer',
    },
  'a Host header that is empty, or whose port is none': {
    platform: '500',
    here: '400 that says so',
    why: 'kinder',
  },
  'a body of GET or HEAD': {
    platform: '500',
    here: '400 that says so',
    why: 'kinder',
  },
  'an error while the app is loaded': {
    platform: 'the host is up without a function, every request is a 404',
    here: 'the host does not start and shows the error with its stack',
    why: 'kinder',
  },
  'worker_crash/recovery': {
    platform: 'the host stays and starts another worker; the third crash ends the host',
    here: 'host and app are one process: it ends, and the supervisor starts it again, up to nine times within a minute',
    why: 'Azure starts the host again too',
  },
  'kill9_recovery/done_after_s': {
    platform: 'an activity that was under way runs again after 307 s',
    here: 'at once',
    why: 'no queue message has to become visible again first',
  },
} as const satisfies Readonly<Record<string, HostDifference>>;

/** Headers of an answer that are not compared (`every answer`). */
export const HEADERS_NOT_COMPARED: readonly string[] = [
  ...['date', 'server', 'transfer-encoding', 'content-length', 'connection', 'keep-alive'],
];

/** Statuses that differ, by the name in http_trigger.json. */
export const OTHER_STATUS: Readonly<Record<string, number>> = {
  echo_custom_method: 400,
  ...{ echo_cors: 403, echo_origin: 403, echo_host: 403 },
};

/** Recordings of the admin API that are refused by name. */
export const REFUSED_ADMIN: readonly string[] = [
  ...['host_keys', 'host_systemkeys', 'fn_keys', 'host_config', 'host_processes'],
  ...['drain', 'extensions', 'vfs', 'synctriggers', 'invoke_http'],
];

export interface OtherRaw {
  /** The status here. */
  readonly here: number;
  /** The status is the recorded one, and the body says why. */
  readonly isTold?: true;
}

const PARSER: OtherRaw = { here: 400 };
/** Names another machine (kit/foreign-requests.ts). */
const FOREIGN: OtherRaw = { here: 403 };
const TOLD: OtherRaw = { here: 400, isTold: true };

/** By the name in raw_requests.json. */
export const OTHER_RAW: Readonly<Record<string, OtherRaw>> = {
  ...{ foo: PARSER, http11lower: PARSER },
  ...{ hdrCtl: PARSER, hdrDel: PARSER, clPlus: PARSER, lf: PARSER, httpx: PARSER, chunkedBoth: PARSER },
  ...{ chunked: { here: 400 }, chunkedBad: { here: 400 }, teGzip: TOLD },
  ...{ http10nohost: { here: 200 }, emptyHost: { here: 400 } },
  ...{ badHost: FOREIGN, badHost2: FOREIGN, hostAt: FOREIGN, hostUtf8: FOREIGN, hostEscape: FOREIGN },
  ...{ hostUpper: FOREIGN, hostUnderscore: FOREIGN, hostPort: FOREIGN },
  ...{ getBody: { here: 400 }, headBody: { here: 400 } },
};
