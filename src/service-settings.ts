// Settings of the downstream services: where each is. Part of the table of config.ts.
import { z } from 'zod';
import { baseUrl, setting } from './setting-kinds';

export const SERVICE_SETTINGS = {
  inventoryBaseUrl: setting('InventoryService:BaseUrl', baseUrl, '(required)', 'Inventory service'),
  promotionBaseUrl: setting('PromotionService:BaseUrl', baseUrl, '(required)', 'Promotion service: coupons'),
  paymentBaseUrl: setting('PaymentService:BaseUrl', baseUrl, '(required)', 'Payment service'),
  shippingBaseUrl: setting('ShippingService:BaseUrl', baseUrl, '(required)', 'Shipping service'),
  notificationBaseUrl: setting(
    'NotificationService:BaseUrl',
    baseUrl,
    '(required)',
    'Notification service: mails to customers',
  ),
  simulatorsUrl: setting(
    'OrderProcessing:SimulatorsUrl',
    baseUrl.or(z.literal('')).default(''),
    '',
    'Control API of simulated services, which the playground of the console breaks; empty = there is no playground',
  ),
} as const;
