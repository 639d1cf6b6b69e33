// Platform process of `azure-local`: the look-alikes with the queues and topics of the app's azure-local.json.
import { readAppNeeds } from '../supervisor/app-needs';
import { runChildProgram } from '../supervisor/child-program';
import { PLATFORM_DEFAULTS, startLookAlikes } from '../supervisor/look-alikes';

void runChildProgram('platform', PLATFORM_DEFAULTS, (options) =>
  startLookAlikes(options, readAppNeeds(options.appRoot)),
);
