// Reader of Prometheus' text form: the value of each series.

/** By the series as it is written, labels included. */
export function seriesIn(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** How much each series has grown, without the label `instance`, without those that have not. */
export function growth(before: string, after: string): Record<string, number> {
  const earlier = seriesIn(before);
  const grown = Object.entries(seriesIn(after)).flatMap(([series, value]) => {
    const more = value - (earlier[series] ?? 0);
    return more === 0 ? [] : [[series.replace(/instance="[^"]*",?/, ''), more] as const];
  });
  return Object.fromEntries(grown);
}
