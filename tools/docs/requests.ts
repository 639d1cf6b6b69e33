// Reader of the requests in documents: those of test.http, and the curls of the pages. It sends nothing.

export interface WrittenRequest {
  readonly title: string;
  /** Under which its answer is known to later requests. */
  readonly name: string | undefined;
  readonly method: string;
  /** With `{{…}}` for what is filled in; so may headers and body. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly expected: { readonly status: number; readonly code: string | undefined };
}

/** The requests of an .http file: `###` begins one, `# expect <status> [<code>]` says how it is answered. */
export function requestsIn(httpFile: string): WrittenRequest[] {
  return httpFile.split(/^### /m).slice(1).map(readRequest);
}

function readRequest(section: string): WrittenRequest {
  const [head = '', ...bodyParts] = section.split('\n\n');
  const [title = '', ...lines] = head.split('\n').filter((line) => line !== '');
  const notes = lines.filter((line) => line.startsWith('#'));
  const [start = '', ...headers] = lines.filter((line) => !line.startsWith('#'));
  const [method = '', url = ''] = start.split(' ');
  const [, status, code] = matchIn(notes, /^# expect (\d{3})(?: (\w+))?$/) ?? [];
  if (status === undefined) throw new Error(`"${title}" does not say which status to expect`);
  const body = bodyParts.join('\n\n').trim();
  return {
    title,
    name: matchIn(notes, /^# @name (\w+)$/)?.[1],
    method,
    url,
    headers: Object.fromEntries(headers.map((header) => header.split(/: */, 2) as [string, string])),
    body: body === '' ? undefined : body,
    expected: { status: Number(status), code },
  };
}

const matchIn = (lines: readonly string[], pattern: RegExp): RegExpExecArray | undefined =>
  lines.map((line) => pattern.exec(line)).find((match) => match !== null) ?? undefined;

/**
 * Fills `{{variable}}` and `{{name.response.body.$.field}}`.
 * @throws when something is not known, so that a request never goes out half filled.
 */
export function fill(
  text: string,
  variables: Readonly<Record<string, string>>,
  answers: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): string {
  return text.replace(/\{\{(.+?)\}\}/g, (_, expression: string) => {
    const [name = '', field] = expression.split('.response.body.$.');
    const value = field === undefined ? variables[name] : answers.get(name)?.[field];
    if (typeof value !== 'string') throw new Error(`{{${expression}}} is not known here`);
    return value;
  });
}

/** Each `sh` block of a page that the block right below it answers in JSON: the command, and what it prints. */
export function answeredCommands(page: string): { readonly command: string; readonly answer: unknown }[] {
  return [...page.matchAll(/```sh\n([^`]+)```\n\n```json\n([^`]+)```/g)].map(
    ([, command = '', json = '']) => ({
      command,
      answer: JSON.parse(json) as unknown,
    }),
  );
}
