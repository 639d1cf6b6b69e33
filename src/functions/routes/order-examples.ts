// Examples of orders, sagas and events, as they stand in the documents.
const id = '68ce41fc-a5da-5691-b304-4b5182767aee';

const items = [
  { productId: 'prod-001', productName: 'Desk lamp', quantity: 2, unitPrice: 49.99, kind: 'physical' },
  { productId: 'prod-002', productName: 'Light bulb', quantity: 5, unitPrice: 9.99, kind: 'physical' },
];

const couponCode = 'SAVE10';

export const anOrderBody = {
  minimal: { customerId: 'cust-1', items: items.slice(0, 1) },
  full: {
    customerId: 'cust-1',
    items,
    currency: 'USD',
    couponCode,
    payments: [
      { method: 'giftCard', amount: 50 },
      { method: 'card', token: 'tok_visa_1' },
    ],
    shippingAddress: {
      name: 'A. Customer',
      line1: '1 Main Street',
      line2: 'Floor 2',
      city: 'Springfield',
      postalCode: '12345',
      country: 'US',
    },
    contact: { email: 'customer@example.com', phone: '+1 555 0100' },
    notBefore: '2026-01-31T12:00:00Z',
  },
};

export const anOrderInAList = {
  id,
  customerId: 'cust-1',
  status: 'completed',
  totalAmount: 149.93,
  discountAmount: 14.99,
  amountDue: 134.94,
  currency: 'USD',
  createdAt: '2026-11-21T10:28:15.203Z',
  completedAt: '2026-11-21T10:28:15.253Z',
  failureCode: null,
  failureDetailCode: null,
  failureReason: null,
  trackingId: 'trk_bfcc11918e6a39bb0cb5',
  dispatchedAt: null,
  deliveredAt: null,
  needsIntervention: false,
  items,
  version: 10,
};

const payments = [
  { method: 'giftCard', amount: 50, transactionId: 'txn_9b31244856ae350cc769', refundedAmount: 0 },
  { method: 'card', amount: 84.94, transactionId: 'txn_4c0a5e1dbb0a1f0ac2d7', refundedAmount: 0 },
];
const coupon = { code: couponCode, status: 'applied', detailCode: null, reason: null };

export const anOrder = { ...anOrderInAList, coupon, payments };

const { shippingAddress, contact } = anOrderBody.full;

export const anOrderWithDetails = {
  ...anOrder,
  ...{ personalData: 'shown', shippingAddress, contact },
  allowedActions: [
    { action: 'cancel', allowed: false, why: 'cannot cancel shipped order' },
    { action: 'approve', allowed: false, why: 'it asks for the role approver' },
    { action: 'reject', allowed: false, why: 'it asks for the role approver' },
  ],
};

export const aStartedOrder = {
  ...anOrder,
  status: 'processing',
  discountAmount: 0,
  amountDue: 149.93,
  completedAt: null,
  trackingId: null,
  coupon: { ...coupon, status: 'pending' },
  payments: [
    { method: 'giftCard', amount: 50, transactionId: null, refundedAmount: 0 },
    { method: 'card', amount: 99.93, transactionId: null, refundedAmount: 0 },
  ],
  version: 2,
};

export const aSaga = {
  orderId: id,
  status: 'failed',
  mode: 'orchestration',
  runtimeStatus: 'completed',
  customStatus: 'CompensateInventory',
  cancelRequestedAt: null,
  failureCode: 'PAYMENT_FAILED',
  failureDetailCode: 'SERVICE_ERROR',
  failureReason: 'The payment service answered 500',
  definitionVersion: 1,
  currentStep: null,
  completedSteps: ['ReserveInventory'],
  compensatedSteps: ['ReserveInventory'],
  failedStep: 'ProcessPayment',
  reservationId: 'res_9b31244856ae350cc769',
  transactionIds: [],
  trackingId: null,
  attempts: { ReserveInventory: 1, ProcessPayment: 3, CompensateInventory: 1 },
  lastErrors: { ProcessPayment: { code: 'SERVICE_ERROR', message: 'The payment service answered 500' } },
  compensations: [
    {
      step: 'CompensateInventory',
      undoes: 'ReserveInventory',
      at: '2026-11-21T10:28:15.253Z',
      attempts: 1,
      outcome: 'done',
      error: null,
    },
  ],
  needsIntervention: false,
  approval: null,
};

export const anEvent = {
  eventId: `${id}:2`,
  type: 'SagaStarted',
  schemaVersion: 1,
  orderId: id,
  tenantId: 'default',
  sequence: 2,
  correlationId: 'my-id-1',
  causationId: `${id}:1`,
  actor: 'saga',
  occurredAt: '2026-11-21T10:28:15.203Z',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  key: null,
  data: { definitionVersion: 1, firstStep: 'ReserveInventory' },
  actorKind: 'system',
  action: 'saga started',
  statusBefore: 'pending',
  statusAfter: 'processing',
};
