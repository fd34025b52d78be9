import { type InvalidInput, invalidInput } from '../error/index.js';
import { canonicalJson, type Json, type JsonObject } from '../json/index.js';
import type { SweepMethod, SweepParameter, SweepSpace } from './sweep.js';
import { sweepField, unknownPath } from './sweep-paths.js';

/**
 * Checks `{"<path>": {"values": [...]} | {"min", "max", "scale"?, "integer"?, "steps"?}}`. The order of the keys is kept:
 * a grid varies the last one fastest. GRID refuses a range without `steps`.
 */
export function parseSweepSpace(json: unknown, method: SweepMethod, field = 'space'): SweepSpace | InvalidInput {
	if (!isObject(json)) return invalidInput(field, 'A sweep space is an object from field paths to values or ranges.');
	const paths = Object.keys(json);
	if (paths.length === 0) return invalidInput(field, 'A sweep space needs one field at least.');
	const parameters: SweepParameter[] = [];
	for (const path of paths) {
		const parameter = parseParameter(path, json[path], method, `${field}.${path}`);
		if (parameter.kind === 'InvalidInput') return parameter;
		parameters.push(parameter);
	}
	return { parameters };
}

function parseParameter(
	path: string,
	given: Json | undefined,
	method: SweepMethod,
	field: string,
): SweepParameter | InvalidInput {
	const kind = sweepField(path);
	if (kind === null) return invalidInput(field, unknownPath(path), 'UNKNOWN_FIELD');
	if (!isObject(given) || 'values' in given === ('min' in given || 'max' in given)) {
		return invalidInput(field, `Give ${path} either values or min and max.`);
	}
	const unknown = Object.keys(given).find(
		(key) => !('values' in given ? ['values'] : ['min', 'max', 'scale', 'integer', 'steps']).includes(key),
	);
	if (unknown !== undefined) return invalidInput(`${field}.${unknown}`, `${path} does not take ${unknown} here.`);
	if ('values' in given) return parseValues(path, given.values, field);
	if (kind === 'text' || kind === 'any')
		return invalidInput(field, `${path} is no number: give its values one by one.`);
	return parseRange(path, given, kind === 'integer', method, field);
}

function parseValues(path: string, values: Json | undefined, field: string): SweepParameter | InvalidInput {
	if (!Array.isArray(values) || values.length === 0) {
		return invalidInput(`${field}.values`, `The values of ${path} are a list of one at least.`);
	}
	const seen = new Set<string>();
	for (const value of values) {
		const text = canonicalJson(value);
		if (seen.has(text)) return invalidInput(`${field}.values`, `${path} has the value ${text} twice.`);
		seen.add(text);
	}
	return { path, kind: 'values', values };
}

function parseRange(
	path: string,
	given: JsonObject,
	wholeField: boolean,
	method: SweepMethod,
	field: string,
): SweepParameter | InvalidInput {
	const { min, max, scale = 'linear', integer = wholeField, steps = null } = given;
	if (!isFiniteNumber(min) || !isFiniteNumber(max) || !(min < max)) {
		return invalidInput(field, `${path} needs numbers min < max.`);
	}
	if (scale !== 'linear' && scale !== 'log') return invalidInput(`${field}.scale`, 'The scale is linear or log.');
	if (scale === 'log' && min <= 0) return invalidInput(`${field}.min`, `On a log scale, min is above 0, not ${min}.`);
	if (typeof integer !== 'boolean') return invalidInput(`${field}.integer`, 'integer is true or false.');
	if (wholeField && !integer) return invalidInput(`${field}.integer`, `${path} takes whole numbers.`);
	if (integer && !(Number.isSafeInteger(min) && Number.isSafeInteger(max))) {
		return invalidInput(field, `For whole numbers, min and max of ${path} are whole too.`);
	}
	if (steps === null) {
		return method === 'GRID'
			? invalidInput(`${field}.steps`, `A grid needs steps for the range of ${path}: how many values, ends included.`)
			: { path, kind: 'range', min, max, scale, integer, steps };
	}
	if (!isFiniteNumber(steps) || !Number.isInteger(steps) || steps < 2 || steps > 1000) {
		return invalidInput(`${field}.steps`, `The steps are a whole number from 2 to 1000, not ${canonicalJson(steps)}.`);
	}
	return { path, kind: 'range', min, max, scale, integer, steps };
}

function isObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function isFiniteNumber(value: unknown): value is number {
	return typeof value === 'number' && Number.isFinite(value);
}
