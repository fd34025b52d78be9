import { GraftError } from '@graft/domain/error';
import { type Document, LineCounter, parse, parseDocument } from 'yaml';
import { fieldInFile, type RunFile, runFileSchema } from './run-file.js';

export interface ReadRunFile {
	readonly file: RunFile;
	/** `resnet50.yaml, line 12` for a field of the file or of the launch that it makes. */
	readonly placeOf: (field: string) => string;
}

/** `path=value` from the command line; the value is YAML. */
export interface Override {
	readonly path: readonly string[];
	readonly value: unknown;
}

/** @throws GraftError CONFIGURATION where it is no `path=value`. */
export function parseOverride(text: string): Override {
	const [, path = '', value] = /^([\w.-]+)=(.*)$/s.exec(text) ?? [];
	if (value === undefined) {
		throw new GraftError(
			'CONFIGURATION',
			`--set takes path=value, such as epochs=2 or data.options.size=[64, 64]; not ${text}.`,
		);
	}
	try {
		return { path: path.split('.'), value: parse(value) as unknown };
	} catch (cause) {
		throw new GraftError('CONFIGURATION', `--set ${path}: ${firstLine(cause)}`, {}, { cause });
	}
}

/** Checks a run's file. @throws GraftError CONFIGURATION that names the line and the key of everything that is wrong. */
export function readRunFile(text: string, name: string, overrides: readonly Override[] = []): ReadRunFile {
	const lines = new LineCounter();
	const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
	const [broken] = document.errors;
	if (broken !== undefined) {
		const { line } = lines.linePos(broken.pos[0]);
		throw new GraftError('CONFIGURATION', `${name}, line ${line}: ${broken.message}`, { line });
	}
	const set = new Set<string>();
	for (const { path, value } of overrides) {
		set.add(path.join('.'));
		override(document, path, value);
	}
	const where = (path: readonly PropertyKey[]) => `${name}, ${placeIn(document, lines, path, set)}`;
	const parsed = runFileSchema.safeParse(toPlain(document, name));
	if (!parsed.success) {
		const wrong = parsed.error.issues.map((issue) => {
			const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
			return `${where(path)}: ${path.join('.') || 'the file'}: ${issue.message}`;
		});
		throw new GraftError('CONFIGURATION', wrong.join('\n'));
	}
	return { file: parsed.data as RunFile, placeOf: (field) => where(fieldInFile(field)) };
}

/** An alias is resolved here: one to nothing, to itself, or one of too many, is no syntax error. */
function toPlain(document: Document, name: string): unknown {
	try {
		return document.toJS();
	} catch (cause) {
		throw new GraftError('CONFIGURATION', `${name}: ${firstLine(cause)}`, {}, { cause });
	}
}

function override(document: Document, path: readonly string[], value: unknown): void {
	try {
		document.setIn(path, document.createNode(value));
	} catch (cause) {
		const message = `--set ${path.join('.')}: the file has no such place.`;
		throw new GraftError('CONFIGURATION', message, {}, { cause });
	}
}

/** The line of the deepest part of the path that is there. */
function placeIn(
	document: Document,
	lines: LineCounter,
	path: readonly PropertyKey[],
	set: ReadonlySet<string>,
): string {
	if (path.some((_, depth) => set.has(path.slice(0, depth + 1).join('.')))) return '--set';
	for (let depth = path.length; depth > 0; depth--) {
		const begin = keyPosition(document, path.slice(0, depth));
		if (begin !== null) return `line ${lines.linePos(begin).line}`;
	}
	return 'line 1';
}

/** Where the key stands; for an item of a list, where the item does. */
function keyPosition(document: Document, path: readonly PropertyKey[]): number | null {
	const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
	const items = (parent as { items?: readonly unknown[] } | null)?.items ?? [];
	const last = path.at(-1);
	const found = items.find((item, index) => {
		const key = (item as { key?: { value?: unknown } } | null)?.key;
		return key === undefined ? index === last : key?.value === last;
	}) as { key?: { range?: readonly number[] }; range?: readonly number[] } | undefined;
	return found?.key?.range?.[0] ?? found?.range?.[0] ?? null;
}

const firstLine = (error: unknown): string => ((error as Error).message ?? '').split('\n')[0] ?? '';
