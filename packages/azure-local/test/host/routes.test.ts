// Route templates, constraints and request targets, without a server.
import fc from 'fast-check';
import { parseConstraint } from '../../src/host/route-constraints';
import { parseQuery, parseTarget } from '../../src/host/request-target';
import { createRouteTable } from '../../src/host/route-table';

function table(...templates: string[]): (path: string, method?: string) => unknown {
  const find = createRouteTable(
    templates.map((template) => ({ template, methods: ['GET'], name: 'Fn', target: template })),
  );
  return (path, method = 'GET') => {
    const match = find(method, path);
    return match === undefined ? undefined : [match.target, match.params];
  };
}

test('a literal segment goes before a parameter, whatever the order of registration', () => {
  const find = table('api/orders/{id}', 'api/orders/customer/{customerId}', 'api/orders/customer');
  expect(find('/api/orders/customer/c1')).toEqual(['api/orders/customer/{customerId}', { customerId: 'c1' }]);
  expect(find('/api/orders/customer')).toEqual(['api/orders/customer', {}]);
  expect(find('/api/orders/o1')).toEqual(['api/orders/{id}', { id: 'o1' }]);
});

test('precedence is literal, constrained parameter, parameter, catch-all', () => {
  const find = table('a/{*rest}', 'a/{x}', 'a/{x:int}', 'a/b');
  expect(find('/a/b')).toEqual(['a/b', {}]);
  expect(find('/a/12')).toEqual(['a/{x:int}', { x: '12' }]);
  expect(find('/a/c')).toEqual(['a/{x}', { x: 'c' }]);
  expect(find('/a/c/d')).toEqual(['a/{*rest}', { rest: 'c/d' }]);
});

test('a route whose method does not fit gives way to the next', () => {
  const find = createRouteTable([
    { template: 'x/y', methods: ['POST'], name: 'Literal', target: 'literal' },
    { template: 'x/{p}', methods: [], name: 'Any', target: 'any' },
  ]);
  expect(find('POST', '/x/y')?.target).toBe('literal');
  expect(find('DELETE', '/x/y')?.target).toBe('any');
});

test.each([
  ['int', ['5', '-5', '+5', '007', '2147483647'], ['2147483648', '1.5', 'a', '']],
  ['long', ['99999999999'], ['9223372036854775808']],
  ['guid', ['5ec0ffee-0000-4000-8000-000000000001', '5ec0ffee000040008000000000000001'], ['5ec0ffee', 'xyz']],
  ['bool', ['true', 'FALSE'], ['yes', '1']],
  ['alpha', ['ab', 'AB'], ['a1', 'ä']],
  ['length(3)', ['abc'], ['ab', 'abcd']],
  ['length(2,3)', ['ab', 'abc'], ['a', 'abcd']],
  ['minlength(2)', ['ab'], ['a']],
  ['maxlength(2)', ['ab'], ['abc']],
  ['min(18)', ['18', '19'], ['17', 'x']],
  ['max(18)', ['18', '-1'], ['19']],
  ['range(1,3)', ['1', '3'], ['0', '4', '2.5']],
  ['regex(^o-\\d+$)', ['o-1', 'O-22'], ['o-', 'xo-1']],
  ['required', ['x'], ['']],
])('the constraint %s takes %j and refuses %j', (text, good, bad) => {
  const constraint = parseConstraint(text);
  expect(good.filter((value) => constraint?.(value) !== true)).toEqual([]);
  expect(bad.filter((value) => constraint?.(value) !== false)).toEqual([]);
});

test('a constraint with doubled braces, colons and slashes in its argument is read as one', () => {
  const find = table('t/{time:regex(^\\d{{2}}:\\d{{2}}$)}/{rest?}');
  expect(find('/t/12:30')).toEqual([expect.any(String), { time: '12:30' }]);
  expect(find('/t/1:30')).toBeUndefined();
});

test.each([
  ['a/{b', 'has a brace that is not closed'],
  ['a//b', 'has an empty segment'],
  ['a/{x}/{x}', 'names a parameter twice'],
  ['{*rest}/a', 'goes on after a catch-all'],
  ['files/{name}.json', 'mixes text and parameters in "{name}.json", which is not simulated'],
  ['a/{d:datetime}', 'has the constraint "datetime", which is not simulated'],
  ['a/{}', 'mixes text'],
])('the template %s is refused by name', (template, fault) => {
  expect(() => table(template)).toThrow(`The route "${template}" of function Fn ${fault}`);
});

test('property: a path built from a template matches it and gives its values back', () => {
  const literal = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}$/);
  const value = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
    .filter((text) => !/^\.+$/.test(text));
  const part = fc.oneof(
    literal.map((text) => ({ text, value: undefined })),
    value.map((given) => ({ text: undefined, value: given })),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), fc.boolean(), (parts, hasSlash) => {
      const template = parts.map(({ text }, index) => text ?? `{p${index}}`).join('/');
      const path = parts
        .map((each) => each.text?.toUpperCase() ?? encodeURIComponent(each.value ?? ''))
        .join('/');
      // A slash inside a value stays encoded, as on the platform.
      const params = Object.fromEntries(
        parts.flatMap((each, index) =>
          each.value === undefined ? [] : [[`p${index}`, each.value.replaceAll('/', '%2F')]],
        ),
      );
      expect(table(template)(`/${path}${hasSlash ? '/' : ''}`)).toEqual([template, params]);
    }),
  );
});

test('property: no path, however malformed, makes the table throw', () => {
  const find = table('a/{x:int}/{y?}', '{*rest}');
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('%', '2', 'F', 'e', '/', '.', 'a', 'ÿ', '\\', ':') }),
      (text) => {
        const target = parseTarget(`/${text}`);
        expect(find(target?.path ?? '')).toBeDefined();
      },
    ),
  );
});

test('malformed escapes stay as they are, in paths and in queries', () => {
  expect(table('{x}')('/%zz%E4')).toEqual(['{x}', { x: '%zz%E4' }]);
  expect(parseQuery('a=%E4%41&b=%')).toEqual({ a: '%E4%41', b: '%' });
});

test('repeated query values are joined, names without regard to case', () => {
  expect(parseQuery('a=1&A=2&b=x+y&flag&__proto__=p')).toEqual(
    Object.fromEntries([
      ['a', '1,2'],
      ['b', 'x y'],
      ['flag', ''],
      ['__proto__', 'p'],
    ]),
  );
});

test('dot segments are resolved and an absolute target loses its origin', () => {
  expect(parseTarget('/a/../b/%2e/c?q=../x')).toEqual({ path: '/b/c', query: 'q=../x', search: '?q=../x' });
  expect(parseTarget('http://host:1/a?b')).toEqual({ path: '/a', query: 'b', search: '?b' });
  expect(parseTarget('*')).toBeUndefined();
});
