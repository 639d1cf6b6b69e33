// The running system and the browser that tests of the console's pages share: one of each for a file, a page for each test.
import { readFileSync } from 'node:fs';
import { ServiceBusClient } from '@azure/service-bus';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import type { Browser, Locator, Page } from 'playwright-core';
import {
  createSystemClient,
  isEnded,
  poll,
  type OrderAnswer,
  type SystemClient,
} from '../../local/demo/system-client';
import { complaintsOf, openBrowser } from '../support/chromium';

/** Signs in as operator, on every page that is opened unless another token is given. */
export const TOKEN = 'an-operator-of-this-test';
export const ITEMS = [{ productId: 'lamp', productName: 'Desk lamp', quantity: 1, unitPrice: 49.99 }];
/** Above the limit from which an order has to be approved. */
export const ITEMS_ABOVE_LIMIT = ITEMS.map((item) => ({ ...item, unitPrice: 200_000 }));
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Of the test that runs; read where it is used, as each test has a page of its own. */
interface AxeResults {
  readonly violations: readonly { readonly id: string }[];
  readonly incomplete: readonly {
    readonly id: string;
    readonly nodes: readonly {
      readonly any: readonly { readonly data: { readonly messageKey?: string } | null }[];
    }[];
  }[];
}

export interface ConsolePages {
  readonly system: RunningSystem;
  readonly client: SystemClient;
  readonly bus: ServiceBusClient;
  readonly page: Page;
  /** The table of events on the page of an order. */
  readonly events: Locator;
  open(address: string, token?: string): Promise<unknown>;
  /** The id of an order of this customer that has ended. */
  ended(customerId: string): Promise<string>;
  /** Starts the system again, and lets the open page reach it where it was. */
  restart(): Promise<void>;
  ordersOf(customerId: string): Promise<OrderAnswer[]>;
  /** Violations of accessibility rules on the page as it is, by rule. */
  violations(): Promise<string[]>;
}

/** Starts both before the tests of the describe block that calls it; after each test no page may have complained. */
export function openConsole(): ConsolePages {
  let system: RunningSystem;
  let client: SystemClient;
  let bus: ServiceBusClient;
  let browser: Browser;
  let page: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    system = await startSystem({ settings: { 'OrderProcessing:OperatorToken': TOKEN } });
    client = createSystemClient(system.urls);
    bus = new ServiceBusClient(emulatorBusConnection(system.urls.servicebus));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await bus.close();
    await system.stop();
  });
  beforeEach(async () => {
    page = await browser.newPage();
    complaints = complaintsOf(page);
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  return {
    get system() {
      return system;
    },
    get client() {
      return client;
    },
    get bus() {
      return bus;
    },
    get page() {
      return page;
    },
    get events() {
      return page.getByRole('region', { name: 'Table of events' });
    },
    open: (address, token = TOKEN) =>
      page.goto(`${system.urls.api}/api/ui${address}${token === '' ? '' : `#token=${token}`}`),
    async ended(customerId) {
      const { id } = await client.place({ customerId, items: ITEMS });
      await poll(() => client.order(id), isEnded);
      return id;
    },
    async restart() {
      const before = system.urls.api;
      await system.restart();
      await page.route(`${before}/**`, async (route) =>
        route.fulfill({
          response: await route.fetch({ url: route.request().url().replace(before, system.urls.api) }),
        }),
      );
    },
    async ordersOf(customerId) {
      const answer = await fetch(`${system.urls.api}/api/orders/customer/${customerId}`);
      return (await answer.json()) as OrderAnswer[];
    },
    async violations() {
      await page.evaluate(AXE);
      return page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
        const { violations, incomplete } = await axe.run();
        // To axe, text in the colour of its background may be meant to be hidden.
        const unseen = incomplete.filter(({ nodes }) =>
          nodes.some(({ any }) => any.some(({ data }) => data?.messageKey === 'equalRatio')),
        );
        return [...violations, ...unseen].map(({ id }) => id);
      });
    },
  };
}
