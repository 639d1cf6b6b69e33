// Parser for a Dockerfile: its instructions in order, with lines that go on in the next joined.

export interface Instruction {
  readonly name: string;
  readonly text: string;
}

export function instructionsIn(dockerfile: string): Instruction[] {
  return dockerfile
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
      return { name, text };
    });
}

export interface Copied {
  readonly sources: readonly string[];
  readonly target: string;
}

/** What is copied out of the context; what comes from another stage is left out. */
export function copiesIn(dockerfile: string): Copied[] {
  return instructionsIn(dockerfile)
    .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from='))
    .map(({ text }) => {
      const words = text.split(/\s+/);
      return { sources: words.slice(0, -1), target: words.at(-1) ?? '' };
    });
}
