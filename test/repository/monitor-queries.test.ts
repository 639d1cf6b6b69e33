// The queries of infra/queries, which alert rules and the workbook ask: they name what the code logs, and find in the log
// of real runs of the saga what those runs did.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { METRICS as COUNTED, type Metric } from '../../src/ports/meter';
import { COLUMNS, METRICS } from '../support/azure-monitor';
import { cleanUp } from 'azure-local/testing/durable-harness';
import { describeCompiled, infraFolder, mainPlan, type Properties } from '../support/infra';
import { runQuery, type Row } from '../support/kql/evaluate';
import { expressionsIn, parseQuery, type Expression, type Query } from '../support/kql/parse';
import { logCallsBelow } from '../support/log-calls';
import { requestRow, traceRow } from '../support/monitor-data';
import { openSaga, registerSaga, type SagaHarness } from '../support/saga-harness';

const root = path.resolve(__dirname, '../..');
const folder = path.join(infraFolder, 'queries');
const files = readdirSync(folder);
const textOf = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
const query = (name: string): Query => parseQuery(textOf(`${name}.kql`));

const logged = logCallsBelow(path.join(root, 'src'));

const isLine = (expression: Expression): boolean =>
  expression.kind === 'column' && expression.name === 'line';

const isProperties = (expression: Expression): boolean =>
  expression.kind === 'column' && expression.name === 'Properties';

/** The fields of a line that a query reads. */
const fieldsOf = (parsed: Query): string[] =>
  expressionsIn(parsed).flatMap((expression) =>
    expression.kind === 'member' && isLine(expression.of) ? [expression.name] : [],
  );

const readsEvent = (expression: Expression): boolean =>
  expression.kind === 'call'
    ? expression.args.some(readsEvent)
    : expression.kind === 'member' && isLine(expression.of) && expression.name === 'event';

/** The events that a query compares with. */
function eventsOf(parsed: Query): string[] {
  const literals = (expressions: readonly Expression[]): string[] =>
    expressions.flatMap((expression) => (expression.kind === 'literal' ? [String(expression.value)] : []));
  return expressionsIn(parsed).flatMap((expression) => {
    if (expression.kind === 'in' && readsEvent(expression.left)) return literals(expression.list);
    if (expression.kind === 'binary' && readsEvent(expression.left)) return literals([expression.right]);
    return [];
  });
}

describe('a query', () => {
  test.each(files)('begins with what it is for, and can be run on tables that there are: %s', (file) => {
    expect(textOf(file)).toMatch(/^\/\/ [A-Z].*\.$/m);
    const parsed = parseQuery(textOf(file));
    expect(Object.keys(COLUMNS)).toContain(parsed.table);
    const [row] = [COLUMNS[parsed.table] ?? []].map((columns) =>
      Object.fromEntries(columns.map((column) => [column, null])),
    );
    expect(() => runQuery(parsed, { [parsed.table]: [row ?? {}] })).not.toThrow();
  });

  test.each(files)('names events and fields that the code logs: %s', (file) => {
    const parsed = parseQuery(textOf(file));
    const events = eventsOf(parsed);
    expect(parsed.table === 'AppTraces' ? events.length : 1).toBeGreaterThan(0);
    for (const event of events) {
      const fields = [...(logged.get(event) ?? [`no line ${event} is logged`]), 'event'];
      expect(fields).toEqual(expect.arrayContaining(fieldsOf(parsed)));
    }
  });

  test.each(files)('names metrics and labels that the app counts: %s', (file) => {
    const parsed = parseQuery(textOf(file));
    const names = [...textOf(file).matchAll(/\bName == "(\w+)"/g)].map(([, name = '']) => name);
    expect(names).toHaveLength(parsed.table === 'AppMetrics' ? 1 : 0);
    const labels = expressionsIn(parsed).flatMap((expression) =>
      expression.kind === 'member' && isProperties(expression.of) ? [expression.name] : [],
    );
    for (const name of names) {
      const metric = Object.entries<Metric>(COUNTED).find(([each]) => each === name)?.[1];
      expect(metric?.labels ?? [`nothing counts ${name}`]).toEqual(expect.arrayContaining(labels));
    }
  });

  test.each(files)('names functions that are registered: %s', (file) => {
    const functions = path.join(root, 'src/functions');
    const sources = readdirSync(functions, { recursive: true, encoding: 'utf8' })
      .filter((source) => source.endsWith('.ts'))
      .map((source) => readFileSync(path.join(functions, source), 'utf8'))
      .join('\n');
    for (const [, name = ''] of textOf(file).matchAll(/OperationName == "(\w+)"/g)) {
      // A trigger by its call, a route by the table of routes.
      expect(sources).toMatch(new RegExp(`(?:app\\.\\w+(<\\w+>)?\\(|^\\s+name: )'${name}'`, 'm'));
    }
  });

  // Kusto refuses a value of unknown type there.
  test.each(files)('makes a field a text before it groups by it or looks for it in a list: %s', (file) => {
    const parsed = parseQuery(textOf(file));
    const isField = ({ kind }: Expression): boolean => kind === 'member';
    const grouped = parsed.operators.flatMap((operation) =>
      operation.kind === 'summarize' ? operation.by.map(({ value }) => value) : [],
    );
    const looked = expressionsIn(parsed).flatMap((expression) =>
      expression.kind === 'in' ? [expression.left] : [],
    );
    expect([...grouped, ...looked].filter(isField)).toEqual([]);
  });
});

describe('on the log of real runs', () => {
  beforeAll(registerSaga);
  afterEach(cleanUp);

  const run = (name: string, rows: readonly Row[]): readonly Row[] =>
    runQuery(query(name), { AppTraces: rows, AppRequests: [] });
  const rowsOf = (saga: SagaHarness): Row[] =>
    saga.lines.map(({ event, fields }, index) =>
      traceRow(index * 1_000, event, fields as Parameters<typeof traceRow>[2]),
    );

  test('throughput counts the events that the stream has', async () => {
    const saga = await openSaga();
    const good = await saga.finish(await saga.place());
    saga.services.faults.ship = ['refuse'];
    const failed = await saga.finish(await saga.place());
    const counted = Object.fromEntries(
      run('throughput', rowsOf(saga)).map(({ type, events }) => [JSON.stringify(type), events]),
    );
    const stream = [...good.events, ...failed.events].map(({ type }) => type as string);
    const named = [...textOf('throughput.kql').matchAll(/", "(\w+)"/g)].map(([, type = '']) => type);
    const expected = named.map((type) => [type, stream.filter((of) => of === type).length] as const);
    expect(counted).toMatchObject(
      Object.fromEntries(
        expected.filter(([, count]) => count > 0).map(([type, count]) => [JSON.stringify(type), count]),
      ),
    );
    expect(Object.keys(counted)).toEqual(expect.arrayContaining(['"StockReserved"', '"ShipmentFailed"']));
  });

  test('order-ends counts orders by how they ended', async () => {
    const saga = await openSaga();
    await saga.finish(await saga.place());
    await saga.finish(await saga.place());
    saga.services.faults.charge = ['refuse'];
    await saga.finish(await saga.place());
    const [first] = rowsOf(saga);
    const underWay = traceRow(0, 'saga step', { orderId: 'o-9', step: 'ReserveInventory', outcome: 'done' });
    expect(first).toBeDefined();
    expect(run('order-ends', [...rowsOf(saga), underWay])).toEqual(
      expect.arrayContaining([
        { status: 'completed', orders: 2 },
        { status: 'failed or cancelled', orders: 1 },
        { status: 'under way', orders: 1 },
      ]),
    );
  });

  test('interventions names order and step of a compensation that failed', async () => {
    const saga = await openSaga();
    saga.services.faults.ship = ['refuse'];
    saga.services.faults.refund = ['refuse'];
    const orderId = await saga.place();
    await saga.finish(orderId);
    expect(run('interventions', rowsOf(saga))).toEqual([
      expect.objectContaining({ orderId, step: 'RefundPayment', reason: 'refused' }),
    ]);
  });

  test('step-latency and saga-durations measure steps and sagas', async () => {
    const saga = await openSaga();
    const services = saga.services;
    services.around = (when) => {
      if (when === 'before') saga.clock.advance(500);
      return Promise.resolve();
    };
    await saga.finish(await saga.place());
    const rows = rowsOf(saga);
    expect(run('step-latency', rows)).toContainEqual({ step: 'ProcessPayment', p50: 500, p95: 500, runs: 1 });
    // Four lines, a second apart.
    expect(run('saga-durations', rows)).toEqual([{ p50: 3, p95: 3, longest: 3, orders: 1 }]);
  });

  test('requests counts executions and failures by function', () => {
    const rows = [
      requestRow(0, 'CreateOrder'),
      requestRow(1, 'CreateOrder', { success: false, durationMs: 90 }),
    ];
    expect(runQuery(query('requests'), { AppRequests: rows })).toEqual([
      { OperationName: 'CreateOrder', executions: 2, failed: 1, p95: 90 },
    ]);
  });
});

describeCompiled('the workbook', () => {
  interface Item {
    readonly name: string;
    readonly content: {
      readonly query?: string;
      readonly metrics?: readonly { readonly namespace: string; readonly metric: string }[];
    };
  }
  const workbook = mainPlan().resources.find(({ type }) => type === 'Microsoft.Insights/workbooks');
  const { serializedData } = workbook?.body['properties'] as Properties;
  // Ids that only Azure knows make it an expression; the rest of the text is as it will be.
  const text = String(serializedData);
  const { items } = JSON.parse(text) as { readonly items: readonly Item[] };

  test('has the widgets that operators know by name', () => {
    expect(items.map(({ name }) => name)).toEqual([
      ...['time', 'throughput', 'order-ends', 'saga-durations', 'step-latency', 'requests'],
      ...['interventions', 'waiting-messages', 'dead-letters'],
    ]);
  });

  test('has the widgets that docs/monitoring.md names', () => {
    const [, , section = ''] = readFileSync(path.join(root, 'docs/monitoring.md'), 'utf8').split(/^## /m);
    const named = [...section.matchAll(/^\| `([\w-]+)` +\|/gm)].map(([, name]) => name);
    expect(items.slice(1).map(({ name }) => name)).toEqual(named);
  });

  test('asks the queries that are tested here, and metrics that the services have', () => {
    for (const { name, content } of items) {
      if (content.query !== undefined) expect(content.query).toBe(textOf(`${name}.kql`));
      for (const { namespace, metric } of content.metrics ?? []) {
        const known = Object.keys(METRICS['Microsoft.ServiceBus/namespaces'] ?? {});
        expect(known.map((of) => `${namespace}--${of}`)).toContain(metric);
      }
    }
  });

  test('uses every query, together with the alert rules', () => {
    const rules = JSON.stringify(mainPlan().resources.map(({ body }) => body['properties']));
    const unused = files.filter(
      (file) =>
        !items.some(({ content }) => content.query === textOf(file)) &&
        !rules.includes(JSON.stringify(textOf(file)).slice(1, -1)),
    );
    expect(unused).toEqual([]);
  });
});
