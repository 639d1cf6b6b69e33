// Lines that `npm start` prints when it is about to be ready: where a person looks next.
import type { PlatformUrls } from 'azure-local/supervisor/processes';

const ORDER = JSON.stringify({
  customerId: 'cust-1',
  items: [{ productId: 'prod-001', productName: 'Desk lamp', quantity: 1, unitPrice: 49.99 }],
});

/** Lines for the terminal, with addresses and commands that can be copied as they are. */
export function nextSteps(api: string, { services }: Pick<PlatformUrls, 'services'>): string[] {
  return [
    '',
    'Where to look next:',
    '  Place an order        (the answer has its id)',
    `    curl -X POST ${api}/api/orders -H 'content-type: application/json' -d '${ORDER}'`,
    `  Follow it             ${api}/api/orders/<id>`,
    `  What it has effected  ${services}/control/ledger?orderId=<id>`,
    `  Whether all is well   ${api}/api/health`,
    '  Every line of the log npm start -- --verbose',
    '',
  ];
}
