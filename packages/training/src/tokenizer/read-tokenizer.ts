import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import { tokenizerFromMerges } from './from-merges.js';
import { tokenizerFromVocabulary } from './from-vocabulary.js';

/** Files that say only with others what a tokenizer is. */
const PARTS: ReadonlySet<string> = new Set(['vocab.txt', 'vocab.json', 'merges.txt']);

/**
 * The `tokenizer.json` of a model's folder: the file itself, or what `vocab.txt`, or `vocab.json` with `merges.txt`, say;
 * `tokenizer_config.json` is asked for lower-casing and the space before a text. One of these files may be named, too.
 * @throws GraftError DATA that names the files that were looked for.
 */
export async function readTokenizerFiles(place: string): Promise<Uint8Array> {
	const isFile = /\.(json|txt)$/.test(place);
	const [folder, name] = isFile ? [path.dirname(place), path.basename(place)] : [place, 'tokenizer.json'];
	const whole = PARTS.has(name) ? null : await found(folder, name);
	if (whole !== null) return whole;
	const config = await jsonAt(folder, 'tokenizer_config.json');
	const words = await found(folder, 'vocab.txt');
	if (words !== null) {
		const lowercase = config?.do_lower_case !== false;
		return bytesOf(tokenizerFromVocabulary(textOf(words, 'vocab.txt'), { lowercase }));
	}
	const merges = await found(folder, 'merges.txt');
	const vocab = await jsonAt(folder, 'vocab.json');
	if (merges !== null && vocab !== null) {
		const prefixSpace = config?.add_prefix_space === true;
		return bytesOf(tokenizerFromMerges(vocab, textOf(merges, 'merges.txt'), { prefixSpace }));
	}
	throw new GraftError(
		'DATA',
		`There is no tokenizer in ${folder}: tokenizer.json, vocab.txt, or vocab.json with merges.txt.`,
	);
}

async function found(folder: string, name: string): Promise<Uint8Array | null> {
	try {
		return await readFile(path.join(folder, name));
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
		throw new GraftError('DATA', `${name} cannot be read: ${(cause as Error).message}.`, {}, { cause });
	}
}

async function jsonAt(folder: string, name: string): Promise<Record<string, unknown> | null> {
	const bytes = await found(folder, name);
	if (bytes === null) return null;
	try {
		return JSON.parse(textOf(bytes, name)) as Record<string, unknown>;
	} catch (cause) {
		throw new GraftError('DATA', `${name} is not JSON: ${(cause as Error).message}.`, {}, { cause });
	}
}

function textOf(bytes: Uint8Array, name: string): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch (cause) {
		throw new GraftError('DATA', `${name} is not UTF-8 text.`, {}, { cause });
	}
}

const bytesOf = (json: object): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
