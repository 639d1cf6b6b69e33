export * from '../../local/supervisor/running-system';
export type { RunningSystem as System } from '../../local/supervisor/running-system';
