// Program behind `npm run tool:screenshot`: places an order whose carrier refuses it on the system that runs here, and writes
// the picture of its page that README shows. CHROMIUM_PATH names the browser, or /usr/bin/chromium is taken.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const picture = path.join(root, 'docs/images/console.png');
const api = process.argv[2] ?? 'http://127.0.0.1:7071';
const lamp = { productId: 'prod-001', productName: 'Desk lamp', quantity: 2, unitPrice: 49.99 };

const answer = await fetch(`${api}/api/orders?wait=20`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ customerId: 'noship-1', couponCode: 'SAVE10', items: [lamp] }),
});
const { id } = await answer.json();

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: 1000, height: 560 } });
await page.goto(`${api}/api/ui/orders/${id}`);
await page.locator('svg.saga').waitFor();
await page.screenshot({ path: picture });
await browser.close();
console.log(`Written: ${path.relative(process.cwd(), picture)}`);
