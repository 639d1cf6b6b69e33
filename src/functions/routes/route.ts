// Types of the route table (routes.ts): what one entry says, and what its handler is given and gives back.
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { z } from 'zod';
import type { Scope, TenantScope } from '../../domain/scope';
import type { HttpErrorCode } from '../../errors';
import type { Access } from '../../identity/access';
import type { Caller } from '../../identity/caller';

/** Of a body that goes into one batch of the store whole: twice as much must fit there. */
export const STORED_BODY_BYTES = 900_000;

export interface RouteBody {
  readonly schema: z.ZodType;
  /** Where the usual bound of bodies (../http.ts) is too low. */
  readonly maxBytes?: number;
  /** Why a body is refused as too large before its fields are looked at; undefined when it is not. */
  readonly tooLarge?: (json: unknown) => string | undefined;
  /** By name. Each is taken as it is by a system that has just started. */
  readonly examples: Readonly<Record<string, unknown>>;
}

export interface RouteAnswer {
  /** When this status is the answer. */
  readonly when: string;
  readonly schema: z.ZodType;
  readonly example: unknown;
  /** Of an answer that is text; JSON unless given. */
  readonly mediaType?: string;
  /** Names of headers of ANSWER_HEADERS that it may have. */
  readonly headers?: readonly AnswerHeader[];
}

/** The headers that answers have, beside `X-Correlation-Id`, which every answer has. */
export const ANSWER_HEADERS = {
  Location: 'Where the order, or its saga, can be looked at',
  Link: 'Leads to the next page (`rel="next"`); the last page has none',
  'X-As-Of':
    'When the newest change happened that is shown of this customer, or counted on these days; others may still come',
  'X-Cache':
    '`hit`: the answer, or the counts in it, are those of an earlier call, at most a second old; `miss`: just read',
} as const;
export type AnswerHeader = keyof typeof ANSWER_HEADERS;

export interface Route {
  /** Of the registered function: it never changes. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/api/`; parameters in braces. */
  readonly path: string;
  /** One line. */
  readonly meaning: string;
  /** Who may call it (identity/access.ts); ../door.ts sees to it. */
  readonly caller: Access;
  /** Whether its handler works with orchestrations. */
  readonly usesSagas?: true;
  /** Parameters in the path. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Request headers that mean something to this route. */
  readonly headers?: z.ZodObject;
  readonly body?: RouteBody;
  /** By status: the answers that are no errors. */
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Beside those that follow from the entry (documentedProblems). */
  readonly problems: readonly HttpErrorCode[];
}

/** An answer whose headers are plain, so that more can be added. */
export type Answer = Omit<HttpResponseInit, 'headers'> & {
  readonly headers?: Readonly<Record<string, string>>;
};

/** One request to the app, and what it runs in. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly context: InvocationContext;
  readonly correlationId: string;
  /** `/api`, or `/api/v1` when the caller named the version: what links in the answer begin with. */
  readonly base: string;
}

type FieldsOf<R, Part extends string> =
  R extends Readonly<Record<Part, z.ZodType>> ? z.output<R[Part]> : Readonly<Record<string, never>>;

/** A request that has passed the checks of its route. */
export interface Call<R extends Route> extends Exchange {
  readonly params: FieldsOf<R, 'params'>;
  readonly query: FieldsOf<R, 'query'>;
  readonly headers: FieldsOf<R, 'headers'>;
  readonly body: R extends { readonly body: { readonly schema: z.ZodType } }
    ? z.output<R['body']['schema']>
    : undefined;
  readonly caller: R['caller'] extends 'anyone' ? undefined : Caller;
  /** What the call may see and change; only routes for customers may be called by one customer. */
  readonly scope: R['caller'] extends 'anyone'
    ? undefined
    : R['caller'] extends 'customer' | 'personal'
      ? Scope
      : TenantScope;
  /** Who asks, for the audit trail. */
  readonly operator: R['caller'] extends 'operator' | 'approver' ? string : undefined;
}

/** As JSON has it: whoever makes an answer may hold it immutable. */
type Immutable<T> = T extends readonly (infer E)[]
  ? readonly Immutable<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T;

/** What the handler of a route gives back: one of the answers of its entry. Anything else is a thrown HttpProblem. */
export type AnswerOf<R extends Route> = {
  [S in keyof R['answers'] & number]: Pick<Answer, 'headers'> & { readonly status: S } & BodyOf<
      R['answers'][S]
    >;
}[keyof R['answers'] & number];

type BodyOf<A extends RouteAnswer> = A extends { readonly mediaType: string }
  ? { readonly body: string }
  : { readonly jsonBody: Immutable<z.output<A['schema']>> };

export type Handler<R extends Route> = (call: Call<R>) => Promise<AnswerOf<R>>;
