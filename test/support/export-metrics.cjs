// Program that exports readings of the meter with a built exporter, as the app's process does, one after the other:
// node export-metrics.cjs <bundle> <settings> <readings, an array of arrays>. It writes what became of each export, then ends.
const [, , bundle, settings, readings] = process.argv;
const { createMetricExporter } = require(bundle);
const exporter = createMetricExporter(JSON.parse(settings));
const period = { startMs: 1_700_000_000_000.25, endMs: 1_700_000_060_000.5 };
JSON.parse(readings)
  .reduce(
    (before, reading) =>
      before
        .then(() => exporter.export(reading, period))
        .then(
          () => console.log('exported'),
          (error) => console.log(`failed: ${error}`),
        ),
    Promise.resolve(),
  )
  .then(() => process.exit());
