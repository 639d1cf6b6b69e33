// HTTP answer of the management API as a value.

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text; undefined for an answer without a body. */
  readonly body?: string;
}

export const empty = (status: number, headers?: Readonly<Record<string, string>>): Reply =>
  headers === undefined ? { status } : { status, headers };

export const json = (status: number, body: unknown, headers?: Readonly<Record<string, string>>): Reply => ({
  ...empty(status, headers),
  body: JSON.stringify(body),
});

/** The extension's error body; it adds the type and stack of a .NET exception, which are left out. */
export const message = (status: number, text: string, why?: string): Reply =>
  json(status, why === undefined ? { Message: text } : { Message: text, ExceptionMessage: why });
