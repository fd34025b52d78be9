/** Data goes to stdout, one JSON object where a script asks for it; words about what happens go to stderr. */
export const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
export const printLines = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);
