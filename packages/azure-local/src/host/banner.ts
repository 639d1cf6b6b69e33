// Banner of an app's functions for the terminal: the list that `func start` prints, and a short table.
import { isOfType, type HostedFunction } from './hosted-function';
import { methodsOf, routeOf } from './http-trigger';

/** HTTP functions with their methods and URLs first, then the others with their trigger; disabled ones say so. */
export function formatBanner(functions: readonly HostedFunction[], url: string, routePrefix: string): string {
  const byName = (a: HostedFunction, b: HostedFunction): number => (a.name < b.name ? -1 : 1);
  const enabled = functions.filter((fn) => !fn.isDisabled).sort(byName);
  const isHttp = (fn: HostedFunction): boolean => isOfType(fn.trigger, 'httpTrigger');
  const lines = [
    ...enabled
      .filter(isHttp)
      .map((fn) => `\t${fn.name}: [${methodsOf(fn).join(',')}] ${url}/${routeOf(fn, routePrefix)}`),
    ...enabled.filter((fn) => !isHttp(fn)).map((fn) => `\t${fn.name}: ${fn.trigger.type}`),
    ...functions
      .filter((fn) => fn.isDisabled)
      .sort(byName)
      .map((fn) => `\t${fn.name}: ${fn.trigger.type} (disabled)`),
  ];
  return ['', 'Functions:', ...lines.map((line) => `\n${line}`), ''].join('\n');
}

const TRIGGERS: Readonly<Record<string, string>> = {
  httpTrigger: 'HTTP',
  serviceBusTrigger: 'Service Bus',
  cosmosDBTrigger: 'Cosmos DB',
  eventGridTrigger: 'Event Grid',
  timerTrigger: 'Timer',
  orchestrationTrigger: 'Orchestrator',
  activityTrigger: 'Activity',
  entityTrigger: 'Entity',
};
const DISABLED = 'Disabled';
const COLUMNS = 100;

/** A table with a row for each trigger: its functions by name, in as many lines as they need. */
export function formatSummary(functions: readonly HostedFunction[]): string {
  const groups = new Map(Object.values(TRIGGERS).map((label) => [label, [] as string[]]));
  for (const { name, trigger, isDisabled } of functions) {
    const label = isDisabled ? DISABLED : (TRIGGERS[trigger.type] ?? trigger.type);
    groups.set(label, [...(groups.get(label) ?? []), name].sort());
  }
  const rows = [...groups].filter(([, names]) => names.length > 0);
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  const lines = rows.flatMap(([label, names]) =>
    wrapped(names, COLUMNS - width).map(
      (line, index) => `  ${(index === 0 ? label : '').padEnd(width)}${line}`,
    ),
  );
  return ['', `${functions.length} functions by trigger:`, ...lines].join('\n');
}

function wrapped(names: readonly string[], columns: number): string[] {
  return names.reduce<string[]>((lines, name) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + name.length + 2 > columns) return [...lines, name];
    return [...lines.slice(0, -1), `${last}, ${name}`];
  }, []);
}
