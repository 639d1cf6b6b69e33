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
