// Orders whose instance has ended or is lost, for tests of the reconciler.
import { happened, placed, QUIET_MS, type openCommandPorts } from './command-ports';
import { SCOPE, facts } from './orders';

export type App = ReturnType<typeof openCommandPorts>;

export const FORWARD = [facts.stockReserved, facts.paymentProcessed, facts.shipmentCreated];

export const orderOf = async (app: App, orderId: string) => {
  const stored = await app.orders.read(SCOPE, orderId);
  if (stored === undefined) throw new Error('the order is gone');
  return stored.order;
};
export const lastOf = async (app: App, orderId: string) =>
  (await app.orders.eventsAfter(SCOPE, orderId, 0)).at(-1);
export const typesOf = async (app: App, orderId: string, after: number): Promise<string[]> =>
  (await app.orders.eventsAfter(SCOPE, orderId, after)).map(({ type }) => type);

/** An order of which `more` has happened, whose instance has ended so, quiet long enough to be looked at. */
export async function endedAs(
  app: App,
  runtimeStatus: 'completed' | 'failed' | 'terminated' | 'lost',
  ...more: Parameters<typeof happened>[2][]
): Promise<string> {
  const orderId = await placed(app);
  if (more.length > 0) await happened(app, orderId, ...more);
  if (runtimeStatus === 'lost') app.instances.clear();
  else app.instances.set(orderId, { runtimeStatus, output: null });
  app.pass(QUIET_MS + 1);
  return orderId;
}
