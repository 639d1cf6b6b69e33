// The list of functions that `func start` prints.
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
