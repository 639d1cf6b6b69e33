// A reader of finite server-sent events, as browsers read them: blocks, ids, and the id that goes into the next request.
export interface SentBlock {
  readonly id: string | undefined;
  readonly data: unknown;
}

export interface SentEvents {
  readonly retryMs: number;
  /** Those with data. */
  readonly events: readonly SentBlock[];
  /** The last id, of blocks without data too. */
  readonly lastId: string | undefined;
}

/** What a browser makes of a whole body. */
export function parseSentEvents(body: string): SentEvents {
  let lastId: string | undefined;
  let retryMs = Number.NaN;
  const events: SentBlock[] = [];
  for (const block of body.split('\n\n')) {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const [, name, value] = /^(\w+): (.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) fields.set(name, value);
    }
    lastId = fields.get('id') ?? lastId;
    retryMs = Number(fields.get('retry') ?? retryMs);
    const data = fields.get('data');
    if (data !== undefined) events.push({ id: fields.get('id'), data: JSON.parse(data) as unknown });
  }
  return { retryMs, events, lastId };
}
