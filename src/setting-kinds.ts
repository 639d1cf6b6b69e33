// Kinds of settings that the table of config.ts is made of: how the text of each is read, and its default.
import { z } from 'zod';
import { sagaVersions } from './saga/order/order-saga-versions';
import { CURRENT_VERSION } from './saga/order/step-tables';
import { describeErrors, numberText, validate } from './validation';

export interface Setting<T> {
  /** As documented; `__` is accepted for `:` (Linux and infrastructure use it). */
  readonly name: string;
  readonly schema: z.ZodType<T, string | undefined>;
  readonly defaultText: string;
  readonly meaning: string;
}

export function setting<T>(
  name: string,
  schema: z.ZodType<T, string | undefined>,
  defaultText: string,
  meaning: string,
): Setting<T> {
  return { name, schema, defaultText, meaning };
}

export const text = (fallback: string): z.ZodType<string, string | undefined> =>
  z.string().trim().min(1).default(fallback);

export const wholeNumber = (fallback: number, min: number, max: number) =>
  numberText({ min, max }).default(fallback);

/** More than 0. */
export const quantity = (fallback: number, max: number) =>
  numberText({ above: 0, max, fractions: true }).default(fallback);

/** In any case: Azure sets `WEBSITE_AUTH_ENABLED` to `True`. */
export const flag = (fallback: boolean) =>
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'false']))
    .transform((value) => value === 'true')
    .default(fallback);

export const choice = <const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) =>
  z.enum(values).default(fallback as never);

/** JSON that `schema` takes. */
export const json = <T>(schema: z.ZodType<T>, fallback: T) =>
  z
    .string()
    .transform((given, context): T => {
      const json = parseJson(given);
      if (json === undefined) context.addIssue({ code: 'custom', message: 'must be JSON' });
      if (json === undefined) return z.NEVER;
      const parsed = validate(schema, json);
      if (parsed.kind === 'valid') return parsed.value;
      context.addIssue({ code: 'custom', message: describeErrors(parsed.errors, 'JSON') });
      return z.NEVER;
    })
    .default(() => fallback as never);

/** Undefined for what is no JSON. */
function parseJson(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}

export const sagaVersion = z
  .enum(sagaVersions().map(String), {
    error: () => `must be a version of the saga that this release has: ${sagaVersions().join(', ')}`,
  })
  .transform(Number)
  .default(CURRENT_VERSION);

export const baseUrl = z
  .url({
    protocol: /^https?$/,
    error: ({ code }) => (code === 'invalid_format' ? 'must be an http(s) URL' : undefined),
  })
  .transform((url) => url.replace(/\/+$/, ''));

/** Address of a page on the web in which `placeholder` stands for what it is about. */
export const pageUrl = (placeholder: string) =>
  z
    .string()
    .trim()
    .refine(
      (text) => /^https?:\/\//.test(text) && URL.canParse(text) && text.includes(placeholder),
      `must be an http(s) URL with ${placeholder} in it`,
    )
    .default('');

/** A container of Azure Storage, or a folder. */
export const exportUrl = z
  .url({
    protocol: /^(?:https?|file)$/,
    error: ({ code }) => (code === 'invalid_format' ? 'must be an http(s) or file URL' : undefined),
  })
  .default('');

/** A key in Azure Key Vault by its id without version, or the path of a file. */
export const encryptionKey = z
  .string()
  .trim()
  .min(1)
  .refine(
    (text) => !/^\w{2,}:/.test(text) || /^https:\/\/[^/\s]+\/keys\/[\w-]+$/.test(text),
    'must be a key in Azure Key Vault (https://<vault>.vault.azure.net/keys/<name>) or the path of a key file',
  );

/** Six fields of NCRONTAB, seconds first, or five without them; the host says the rest. */
export const schedule = (fallback: string) =>
  z
    .string()
    .trim()
    .regex(/^\S+( +\S+){4,5}$/, 'must be a schedule of six fields, such as "0 * * * * *" for once a minute')
    .default(fallback);

/** What Azure leaves in a setting whose secret it could not read is no token: it stands in the template for all to read. */
export const secret = z
  .string()
  .transform((value) => (value.startsWith('@Microsoft.KeyVault(') ? '' : value))
  .default('');
