// Every target, opened on one system. The order is the one of the reports.
import { managementTarget } from '../targets/management';
import { postTarget } from '../targets/post';
import { routesTarget } from '../targets/routes';
import type { OpenTargets } from './campaign';

export const TARGET_NAMES = ['post', 'routes', 'management'] as const;

export const openTargets: OpenTargets = (system, tally) => {
  const { api } = system.urls;
  const targets = [
    postTarget(api, tally),
    routesTarget(
      api,
      () => [...tally.orders],
      () => system.output(),
    ),
    managementTarget(api, tally),
  ];
  return Promise.resolve({ targets, close: () => Promise.resolve() });
};
