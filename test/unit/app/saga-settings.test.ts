// Settings of approvals, retries and time-outs: what they are read as, and what is wrong with them.
import { parseConfig } from '../../../src/parse-config';

const valid = {
  OrderProcessing__CosmosConnectionString: 'AccountEndpoint=http://127.0.0.1:8081/;AccountKey=a2V5;',
  InventoryService__BaseUrl: 'http://127.0.0.1:7072/inventory/',
  PromotionService__BaseUrl: 'http://127.0.0.1:7072/promotions',
  OrderProcessing__EncryptionKey: '.local/app.key',
  PaymentService__BaseUrl: 'http://127.0.0.1:7072/payments',
  ShippingService__BaseUrl: 'http://127.0.0.1:7072/shipping',
  NotificationService__BaseUrl: 'http://127.0.0.1:7072/notifications',
  ServiceBusConnection: 'Endpoint=sb://127.0.0.1;SharedAccessKeyName=k;SharedAccessKey=a2V5;',
};
const read = (settings: Record<string, string>) => parseConfig({ ...valid, ...settings });
const refused = (name: string, value: string): string => {
  try {
    read({ [name]: value });
    return 'taken';
  } catch (error) {
    return String(error).split('\n')[1] ?? '';
  }
};

test('limits are read by currency, exactly, in its minor units', () => {
  const { approvalLimits } = read({ 'OrderProcessing:ApprovalLimit': 'USD=1000.5, JPY=90000,KWD=1.234' });
  expect(approvalLimits).toEqual({ USD: 100_050, JPY: 90_000, KWD: 1_234 });
  expect(read({}).approvalLimits).toEqual({});
  expect(read({ 'OrderProcessing:ApprovalLimit': '' }).approvalLimits).toEqual({});
});

test.each([
  ['1000', /"1000" is not of the form name=number/],
  ['USD=much', /USD must be a number in digits/],
  ['USD=-1', /USD must be more than 0/],
  ['USD=1=2', /is not of the form/],
  ['usd=5', /usd is not the code of a currency/],
  ['XAU=5', /XAU is not the code of a currency/],
  ['JPY=1.5', /JPY has at most 0 decimals/],
  ['USD=1,USD=2', /USD is named twice/],
  ['USD=1,', /"" is not of the form/],
])('the limit %s stops the start with what is wrong', (value, problem) => {
  const line = refused('OrderProcessing:ApprovalLimit', value);
  expect(line).toContain('OrderProcessing:ApprovalLimit is ');
  expect(line).toMatch(problem);
});

test('retries have the defaults of the step table, and take other values', () => {
  expect(read({})).toMatchObject({
    ...{ retryMaxAttempts: 3, retryForwardMaxAttempts: 8, retryFirstDelaySeconds: 1, retryFactor: 2 },
    ...{ retryMaxDelaySeconds: 30, stepTimeouts: {}, approvalTimeoutMinutes: 1_440 },
    approvalTimeoutPolicy: 'reject',
  });
  expect(read({ OrderProcessing__RetryMaxAttempts: '5', OrderProcessing__RetryFactor: '1.5' })).toMatchObject(
    {
      ...{ retryMaxAttempts: 5, retryFactor: 1.5 },
    },
  );
  const { stepTimeouts } = read({
    'OrderProcessing:StepTimeoutSeconds': 'ProcessPayment=2.5,CreateShipment=9',
  });
  expect(stepTimeouts).toEqual({ ProcessPayment: 2_500, CreateShipment: 9_000 });
});

test.each([
  ['RetryMaxAttempts', '0', /at least 1/],
  ['RetryFactor', '0.5', /at least 1/],
  ['RetryFirstDelaySeconds', 'soon', /must be a number in digits/],
  ['ApprovalTimeoutPolicy', 'ask', /must be one of reject, approve/],
  ['ApprovalTimeoutMinutes', '0', /more than 0/],
  ['StepTimeoutSeconds', 'Ship=5', /Ship is not a step: there are ReserveInventory/],
  ['StepTimeoutSeconds', 'ProcessPayment=900', /ProcessPayment must be at most 240/],
])('OrderProcessing:%s=%s stops the start', (name, value, problem) => {
  expect(refused(`OrderProcessing:${name}`, value)).toMatch(problem);
});
