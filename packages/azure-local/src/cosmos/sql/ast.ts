// Types of a query's syntax tree.
import type { Json } from '../protocol/json';

export type BinaryOperator =
  'AND' | 'OR' | '=' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '||' | '??';

export type AggregateName = 'COUNT' | 'SUM' | 'AVG' | 'MIN' | 'MAX';

export type Expression =
  | { readonly kind: 'constant'; readonly value: Json | undefined }
  | { readonly kind: 'parameter'; readonly name: string; readonly at: number }
  | { readonly kind: 'source'; readonly name: string; readonly at: number }
  | { readonly kind: 'member'; readonly of: Expression; readonly key: Expression }
  | { readonly kind: 'unary'; readonly operator: 'NOT' | '-' | '+'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'in'; readonly operand: Expression; readonly options: readonly Expression[] }
  | {
      readonly kind: 'like';
      readonly operand: Expression;
      readonly pattern: Expression;
      readonly escape: string | undefined;
    }
  | {
      readonly kind: 'conditional';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly at: number;
    }
  | {
      readonly kind: 'aggregate';
      readonly name: AggregateName;
      readonly arg: Expression;
      readonly at: number;
    }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Expression])[] };

export interface SelectItem {
  readonly name: string;
  readonly expression: Expression;
}

export type Selection =
  | { readonly kind: 'all'; readonly at: number }
  | { readonly kind: 'value'; readonly expression: Expression }
  | { readonly kind: 'list'; readonly items: readonly SelectItem[] };

/** `alias IN path`: one row per element of the array. */
export interface Iteration {
  readonly alias: string;
  readonly path: Expression;
}

export interface QueryTree {
  readonly distinct: boolean;
  readonly top: Expression | undefined;
  readonly selection: Selection;
  readonly root: string;
  readonly iterations: readonly Iteration[];
  readonly where: Expression | undefined;
  readonly orderBy: readonly {
    readonly expression: Expression;
    readonly descending: boolean;
    readonly at: number;
  }[];
  readonly offset: Expression | undefined;
  readonly limit: Expression | undefined;
}
