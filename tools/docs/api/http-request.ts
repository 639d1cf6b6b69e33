// A request of test.http: what it sends, and what is expected.
import type { RouteName } from '../../../src/functions/routes/routes';

export type HttpFileRequest = {
  readonly title: string;
  /** Under which later requests know its answer. */
  readonly name?: string;
  /** The status, and of a problem the code. */
  readonly expect: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or a text that is none. */
  readonly body?: unknown;
} & (
  | {
      readonly route: RouteName;
      readonly params?: Readonly<Record<string, string>>;
      readonly query?: string;
      /** `v1/`; the newest unless given. */
      readonly version?: string;
    }
  | { readonly method: string; readonly url: string }
);

export const LAMPS = { productId: 'prod-001', productName: 'Desk lamp', quantity: 2, unitPrice: 49.99 };

/** The id in the answer to an earlier request. */
export const idOf = (name: string): { readonly id: string } => ({ id: `{{${name}.response.body.$.id}}` });
