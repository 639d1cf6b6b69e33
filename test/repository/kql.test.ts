// Tests for the part of KQL that the evaluator of alert rules and widgets knows.
import { runQuery, type Tables } from '../support/kql/evaluate';
import { parseQuery } from '../support/kql/parse';

describe('a query', () => {
  const rows = [
    { a: 1, text: '{"x":"one"}', at: new Date(0) },
    { a: 2, text: '{"x":"two","n":4}', at: new Date(61_000) },
    { a: 3, text: 'no json', at: new Date(62_000) },
  ];
  const run = (query: string, tables: Tables = { T: rows }): readonly unknown[] =>
    runQuery(parseQuery(query), tables);

  test('keeps rows where a condition is true', () => {
    expect(run('T | where a >= 2 and not(a == 3) | project a')).toEqual([{ a: 2 }]);
    expect(run('T | where a == 1 or text startswith "NO" | project a')).toEqual([{ a: 1 }, { a: 3 }]);
    expect(run('T | where a in (1, 3) | project b = a * 2 + 1')).toEqual([{ b: 3 }, { b: 7 }]);
  });

  test('reads JSON, and has null for what is not there', () => {
    expect(run('T | extend v = parse_json(text) | project x = tostring(v.x), n = todouble(v.n)')).toEqual([
      { x: 'one', n: null },
      { x: 'two', n: 4 },
      { x: '', n: null },
    ]);
    expect(run('T | extend v = parse_json(text) | where v.n > 0 or v.x == v.y | project a')).toEqual([
      { a: 2 },
    ]);
  });

  test('counts and takes percentiles, by columns and by time', () => {
    expect(run('T | summarize n = count(), many = countif(a > 1) by bin(at, 1m)')).toEqual([
      { at: new Date(0), n: 1, many: 0 },
      { at: new Date(60_000), n: 2, many: 2 },
    ]);
    expect(run('T | summarize p = percentile(a, 50), q = percentile(a, 95), l = min(a), h = max(a)')).toEqual(
      [{ p: 2, q: 3, l: 1, h: 3 }],
    );
    expect(run('T | where a > 9 | summarize n = count(), p = percentile(a, 95)')).toEqual([
      { n: 0, p: null },
    ]);
    expect(run('T | where a > 9 | summarize n = count() by a')).toEqual([]);
  });

  test('chooses, joins texts and tells times apart', () => {
    expect(run('T | extend k = case(a == 1, "one", a == 2, strcat("t", "wo"), "more") | project k')).toEqual([
      { k: 'one' },
      { k: 'two' },
      { k: 'more' },
    ]);
    expect(
      run('T | summarize b = min(at), e = max(at) | project s = datetime_diff("millisecond", e, b) / 1000.0'),
    ).toEqual([{ s: 62 }]);
  });

  test.each([
    ['T | join U on a', 'the operator join is not known'],
    ['T | where reverse(text) == ""', 'the function reverse is not known'],
    ['T | where b == 1', 'there is no column b'],
    ['U | where a == 1', 'there is no table U'],
    ['T | where a == ', 'a value is expected'],
    ['T | where a ~ 1', 'no KQL known here: ~ 1'],
    ['T | summarize n = stdev(a)', 'the aggregation stdev is not known'],
    ['T | where a == 1 extend b = 2', 'end is expected'],
  ])('that cannot be run is refused, naming why: %s', (query, why) => {
    expect(() => run(query)).toThrow(why);
  });
});
