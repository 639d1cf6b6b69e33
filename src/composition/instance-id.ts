// Name of this instance in metrics and traces: as the platform has it, or host name and process.
import { hostname } from 'node:os';
import type { Config } from '../config';

export function instanceIdOf({ instanceId }: Pick<Config, 'instanceId'>): string {
  return instanceId === '' ? `${hostname()}-${process.pid}` : instanceId;
}
