// Types that several modules share.
@export()
@description('Tags of a resource: values by name.')
type tagsType = {
  @description('Value of the tag.')
  *: string
}

@export()
@description('Settings of the function app: values by name.')
type settingsType = {
  @description('Value of the setting.')
  *: string
}

@export()
@description('Instances that are kept warm for one group of functions.')
type alwaysReadyType = {
  @description('`durable`, `http`, or `function:<name>`.')
  name: string

  @description('How many.')
  @minValue(1)
  instanceCount: int
}

@export()
@description('A tenant.')
type tenantType = {
  @description('Its id, as callers and messages name it.')
  id: string

  @description('Requests a second that each instance of the app takes.')
  ratePerSecond: int?

  @description('Requests that each instance of the app answers at the same time.')
  @minValue(1)
  inFlight: int?

  @description('The topic of its events; `order-events` unless given.')
  topic: string?
}

@export()
@description('A subscription of the topic `order-events`.')
type eventSubscriptionType =
  | 'all-events'
  | 'order-created-events'
  | 'stock-reserved-events'
  | 'payment-processed-events'
  | 'payment-failed-events'
  | 'shipment-created-events'
  | 'order-completed-events'
  | 'order-failed-events'
  | 'order-cancelled-events'
