// Every target, opened on one system. The order is the one of the reports.
import { controlTarget } from '../targets/control';
import { openCosmosTarget } from '../targets/cosmos';
import { eventGridTarget } from '../targets/eventgrid';
import { managementTarget } from '../targets/management';
import { postTarget } from '../targets/post';
import { routesTarget } from '../targets/routes';
import type { OpenTargets } from './campaign';

export const TARGET_NAMES = ['post', 'routes', 'eventgrid', 'management', 'cosmos', 'control'] as const;

export const openTargets: OpenTargets = async (system, tally) => {
  const { api, cosmos, eventgrid, services } = system.urls;
  const targets = [
    postTarget(api, tally),
    routesTarget(
      api,
      () => [...tally.orders],
      () => system.output(),
    ),
    eventGridTarget({ functions: api, topics: eventgrid }, tally),
    managementTarget(api, tally),
    await openCosmosTarget(cosmos, tally),
    controlTarget({ services, cosmos }, tally),
  ];
  return { targets, close: () => Promise.resolve() };
};
