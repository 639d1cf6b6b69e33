// Crash points by environment variable: the host process kills itself by SIGKILL after a named storage operation, for
// tests of whole systems. LOCAL_HUB_KILL_AT holds `<moment>[ <what>]#<count>`, several separated by commas, one for
// each life of the host: `historyWritten#3`, `messageSent CreateShipment#1`. A file counts the lives that are over.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { EndsAt } from './moments';

export const KILL_AT = 'LOCAL_HUB_KILL_AT';

/** Undefined when nothing more is to be killed. @throws Error for what is no such text */
export function killAt(
  environment: Readonly<Record<string, string | undefined>>,
  killsFile: string,
  kill = (): void => void process.kill(process.pid, 'SIGKILL'),
): EndsAt | undefined {
  const lives = (environment[KILL_AT] ?? '').split(',').filter((part) => part !== '');
  const over = existsSync(killsFile) ? readFileSync(killsFile, 'utf8').length : 0;
  const life = lives[over];
  if (life === undefined) return undefined;
  const match = /^(\w+)(?: ([^#]+))?#([1-9]\d*)$/.exec(life.trim());
  if (match === null) throw new Error(`${KILL_AT} takes <moment>[ <what>]#<count>, not "${life}".`);
  const [, name, what, count] = match;
  let left = Number(count);
  return (moment) => {
    if (moment.name !== name || (what !== undefined && moment.what !== what)) return false;
    left -= 1;
    if (left !== 0) return false;
    appendFileSync(killsFile, '.');
    kill();
    return true;
  };
}
