import { readFile, stat } from 'node:fs/promises';
import { brokenFile } from './weight-file.js';

/** More than any description of a network has; a larger one is not read into memory. */
const MAX_JSON_BYTES = 64 * 2 ** 20;

/** A JSON object from a file. @throws GraftError DATA. */
export async function readJsonObject(file: string): Promise<Readonly<Record<string, unknown>>> {
	const { size } = await stat(file);
	if (size > MAX_JSON_BYTES) throw brokenFile(`It has ${size} bytes; ${MAX_JSON_BYTES} are allowed`, file);
	let value: unknown;
	try {
		value = JSON.parse(await readFile(file, 'utf8'));
	} catch (cause) {
		throw brokenFile('It is not JSON', file, cause);
	}
	if (!isRecord(value)) throw brokenFile('It is no JSON object', file);
	return value;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
