/** Data goes to stdout, one JSON object where a script asks for it; words about what happens go to stderr. */
export const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
/** The one line by which a program tells its parent that it is up. */
export const printReady = (info: object): void =>
	void process.stdout.write(`${JSON.stringify({ ready: true, ...info })}\n`);
export const printLines = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);
