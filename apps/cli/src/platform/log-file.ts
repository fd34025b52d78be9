import { closeSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

const TAIL_BYTES = 16_384;

export interface LogFile {
	readonly path: string;
	/** For a child's stdout and stderr. */
	readonly descriptor: number;
	/** What a program said for a person, at the end of its log: the last plain lines, else the last lines. */
	lastWords(): string;
	close(): void;
}

/** Opens `<dir>/<name>.log` anew; the log of the start before is kept as `<name>.1.log`. */
export function openLogFile(dir: string, name: string): LogFile {
	mkdirSync(dir, { recursive: true });
	const file = path.join(dir, `${name}.log`);
	try {
		renameSync(file, path.join(dir, `${name}.1.log`));
	} catch {
		// The first start has no earlier log.
	}
	const descriptor = openSync(file, 'a+');
	return {
		path: file,
		descriptor,
		lastWords() {
			const { size } = statSync(file);
			const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
			readSync(descriptor, buffer, 0, buffer.length, Math.max(0, size - TAIL_BYTES));
			return lastWordsOf(buffer.toString('utf8'));
		},
		close: () => closeSync(descriptor),
	};
}

/** Log events are JSON lines; what is left is meant for a person. */
export function lastWordsOf(text: string): string {
	const lines = text.split('\n').filter((line) => line.trim() !== '');
	const plain = lines.filter((line) => !line.startsWith('{'));
	return (plain.length > 0 ? plain : lines).slice(-8).join('\n');
}
