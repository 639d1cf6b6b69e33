// The notification service over plain JSON: paths, bodies and answers, and nothing about failures.
import { z } from 'zod';
import type { NotificationService } from '../ports/notifications';
import type { ServiceClient } from './service-client';

const sent = z.object({ notificationId: z.string() });

export function createNotificationService(client: ServiceClient): NotificationService {
  return {
    send: (call, message) => {
      const { orderId, customerId } = call;
      return client.post('/messages', call, { orderId, customerId, ...message }, sent);
    },
  };
}
