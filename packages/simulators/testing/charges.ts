// Fixture: charges, refunds and fault plans on the simulated services, for the tests of faults.
import { closeServices, openServices, type Answer, type Services } from './simulated-services';

export const CHARGE = `/payments/charges/${encodeURIComponent('o-1:ProcessPayment')}`;

export let services: Services;

/** Opens the services before each test of the file and closes them after it. */
export function servicesPerTest(): void {
  beforeEach(async () => {
    services = await openServices();
  });
  afterEach(closeServices);
}

export const plan = (...rules: object[]): Promise<Answer> => services.put('/control/faults', rules);
export const charge = (more: object = {}, key = 'o-1:ProcessPayment'): Promise<Answer> =>
  services.post('/payments/charges', key, { amountMinor: 100, currency: 'EUR', ...more });
export const refund = (): Promise<Answer> => services.post(`${CHARGE}/refund`, 'o-1:RefundPayment');
