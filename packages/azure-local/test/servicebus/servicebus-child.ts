// The program that the crash and the .NET tests start: a broker on a folder; it says where it listens.
import path from 'node:path';
import { wallClock } from '../../src/kit/clock';
import { parseEntities } from '../../src/servicebus/entities';
import { createServiceBusServer } from '../../src/servicebus/server';
import { Journal } from '../../src/storage/journal';

const [, , folder = '', entities = ''] = process.argv;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const server = createServiceBusServer({
  journal: new Journal(path.join(folder, 'data.db')),
  clock: wallClock(),
  log,
  entities: parseEntities(JSON.parse(entities)),
});
void server.listen(0).then((address) => process.send?.({ address }));
