// Program that exports spans with a built exporter, as the app's process does: node export-spans.cjs <bundle> <settings> <spans>.
// It writes what became of the export, then ends.
const [, , bundle, settings, spans] = process.argv;
const { createExporter } = require(bundle);
createExporter(JSON.parse(settings))
  .export(JSON.parse(spans))
  .then(
    () => console.log('exported'),
    (error) => console.log(`failed: ${error}`),
  )
  .then(() => process.exit());
