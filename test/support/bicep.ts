// What a Bicep file would deploy, worked out without Azure: every resource with its properties, loops and modules
// followed, conditions decided. It is no compiler: property names are not checked against Azure's types.
//
// What only Azure knows (a key, an address, a client id) becomes text in angle brackets, such as
// `<cosmos.properties.documentEndpoint>`, so that it can be seen where it ends up.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseBicep, type Expression, type Statement } from './bicep-parser';

export interface Deployed {
  readonly symbol: string;
  readonly file: string;
  /** Without the version, such as `Microsoft.ServiceBus/namespaces/queues`. */
  readonly type: string;
  readonly apiVersion: string;
  /** Names of its parents and itself, such as `sb-token/orders`. */
  readonly name: string;
  /** The declared body; `parent` and `scope` in it are Deployed. */
  readonly body: Properties;
}

export type Properties = Readonly<Record<string, unknown>>;

export interface Plan {
  readonly targetScope: string;
  readonly resources: readonly Deployed[];
  readonly variables: Properties;
  readonly outputs: Properties;
}

type Names = ReadonlyMap<string, () => unknown>;

/** Resources and outputs of `file` with `parameters`; a parameter that is missing or not declared is refused. */
export function planOf(file: string, parameters: Properties): Plan {
  const { targetScope, statements, imports } = parseBicep(file, readFileSync(file, 'utf8'));
  const resources: Deployed[] = [];
  const names = new Map<string, () => unknown>();
  for (const { names: imported, from } of imports) {
    const { variables } = planOf(path.resolve(path.dirname(file), from), {});
    for (const name of imported) names.set(name, () => variables[name] ?? unknown(file, name));
  }
  const parameterNames = statements.filter(({ kind }) => kind === 'param').map(({ name }) => name);
  const strangers = Object.keys(parameters).filter((name) => !parameterNames.includes(name));
  if (strangers.length > 0) throw new Error(`${file} has no parameter ${strangers.join(', ')}`);
  for (const statement of statements) {
    if (statement.kind === 'output') continue;
    names.set(
      statement.name,
      once(() => declared(statement, { file, names, parameters, resources })),
    );
  }
  for (const read of names.values()) read();
  const valuesOf = (wanted: Statement['kind']): Properties =>
    Object.fromEntries(
      statements
        .filter(({ kind }) => kind === wanted)
        .map(({ name, value }) => [name, valueOf(value, names, file)]),
    );
  return { targetScope, resources, variables: valuesOf('var'), outputs: valuesOf('output') };
}

interface Context {
  readonly file: string;
  readonly names: Names;
  readonly parameters: Properties;
  readonly resources: Deployed[];
}

function once<T>(read: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => (result ??= { value: read() }).value;
}

function declared(statement: Statement, context: Context): unknown {
  const { kind, name, value } = statement;
  const { file, names, parameters } = context;
  if (kind === 'param') {
    if (Object.hasOwn(parameters, name)) return parameters[name];
    if (value === undefined) throw new Error(`${file} is not given its parameter ${name}`);
  }
  if (kind === 'var' || kind === 'param') return valueOf(value, names, file);
  const deploy = (body: unknown): unknown =>
    kind === 'module'
      ? moduleOf(statement, body as Properties, context)
      : resourceOf(statement, body as Properties, context);
  if (value?.kind === 'for') return (valueOf(value, names, file) as unknown[]).map(deploy);
  const body = valueOf(value, names, file);
  return body === null ? null : deploy(body);
}

function resourceOf(statement: Statement, body: Properties, { file, resources }: Context): Deployed {
  const [type = '', apiVersion = ''] = statement.type.split('@');
  const own = String(body['name']);
  const parent = body['parent'];
  const resource = {
    ...{ symbol: statement.name, file, type, apiVersion, body },
    name: isDeployed(parent) ? `${parent.name}/${own}` : own,
  };
  resources.push(resource);
  return resource;
}

function moduleOf(statement: Statement, body: Properties, { file, resources }: Context): Properties {
  const plan = planOf(path.resolve(path.dirname(file), statement.type), (body['params'] ?? {}) as Properties);
  resources.push(...plan.resources);
  return { outputs: plan.outputs };
}

export function isDeployed(value: unknown): value is Deployed {
  return typeof value === 'object' && value !== null && 'apiVersion' in value;
}

function valueOf(expression: Expression | undefined, names: Names, file: string): unknown {
  const read = (inner: Expression): unknown => valueOf(inner, names, file);
  switch (expression?.kind) {
    case undefined:
      return undefined;
    case 'value':
      return expression.value;
    case 'text':
      return expression.parts.map((part) => String(read(part))).join('');
    case 'object':
      return Object.fromEntries(expression.entries.map(([key, value]) => [String(read(key)), read(value)]));
    case 'array':
      return expression.items.map(read);
    case 'name':
      return (names.get(expression.name) ?? (() => unknown(file, expression.name)))();
    case 'member':
      return memberOf(read(expression.of), read(expression.key), file);
    case 'call':
      return call(expression.name, expression.args.map(read), file);
    case 'not':
      return read(expression.of) === false;
    case 'equal':
      return (read(expression.left) === read(expression.right)) !== expression.not;
    case 'choice':
      return read(read(expression.condition) === true ? expression.yes : expression.no);
    case 'if':
      return read(expression.condition) === true ? read(expression.body) : null;
    case 'for': {
      const { item, index, list, body } = expression;
      return (read(list) as unknown[]).map((value, position) => {
        const inner = new Map([...names, [item, () => value]]);
        if (index !== undefined) inner.set(index, () => position);
        return valueOf(body, inner, file);
      });
    }
  }
}

function unknown(file: string, name: string): never {
  throw new Error(`${file}: nothing is called ${name}`);
}

function memberOf(of: unknown, key: unknown, file: string): unknown {
  const name = String(key);
  if (isDeployed(of)) {
    if (name === 'id') return `<${of.name}>`;
    return name === 'name' ? of.body['name'] : `<${of.name}.${name}>`;
  }
  if (typeof of === 'string' && of.startsWith('<')) return `${of.slice(0, -1)}.${name}>`;
  if (typeof of === 'object' && of !== null && name in of) return (of as Properties)[name];
  return unknown(file, name);
}

const FUNCTIONS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  guid: (...parts: string[]) => `guid(${parts.join(', ')})`,
  json: (text: string) => JSON.parse(text) as unknown,
  string: String,
  subscription: () => '<subscription>',
  subscriptionResourceId: (_type: string, id: string) => id,
  toLower: (text: string) => text.toLowerCase(),
  union: (...objects: Properties[]) => Object.assign({}, ...objects) as unknown,
  uniqueString: () => 'token',
};

function call(name: string, args: readonly unknown[], file: string): unknown {
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (known !== undefined) return known(...(args as never[]));
  // Decorators are not read for their meaning and do not come here.
  throw new Error(`${file}: the tests do not know the function ${name}(); teach test/support/bicep.ts`);
}
