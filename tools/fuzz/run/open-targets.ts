// List of all targets, opened on one system, in the order of the reports.
import { openAmqpTarget } from '../targets/amqp';
import { controlTarget } from '../targets/control';
import { openCosmosTarget } from '../targets/cosmos';
import { eventGridTarget } from '../targets/eventgrid';
import { managementTarget } from '../targets/management';
import { postTarget } from '../targets/post';
import { openQueueTarget } from '../targets/queue';
import { routesTarget } from '../targets/routes';
import { openLorisTarget } from '../targets/slow-loris';
import type { OpenTargets } from './campaign';

export const TARGET_NAMES = [
  'post',
  'routes',
  'queue',
  'eventgrid',
  'management',
  'amqp',
  'cosmos',
  'control',
  'loris',
] as const;

export const openTargets: OpenTargets = async (system, tally) => {
  const { api, cosmos, eventgrid, services, servicebus } = system.urls;
  const queue = openQueueTarget(servicebus, tally);
  const amqp = await openAmqpTarget(servicebus);
  const loris = openLorisTarget({ api, cosmos, services, eventgrid });
  const targets = [
    postTarget(api, tally),
    routesTarget(
      api,
      () => [...tally.orders],
      () => system.output(),
    ),
    queue.target,
    eventGridTarget({ functions: api, topics: eventgrid }, tally),
    managementTarget(api, tally),
    amqp.target,
    await openCosmosTarget(cosmos, tally),
    controlTarget({ services, cosmos }, tally),
    loris.target,
  ];
  const close = async (): Promise<void> => {
    loris.close();
    await Promise.all([queue.close(), amqp.close()]);
  };
  return { targets, late: () => loris.late(), close };
};
