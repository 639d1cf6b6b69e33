// Partial refunds and restocking of the simulated services, over HTTP.
import { closeServices, openServices } from '../testing/simulated-services';
