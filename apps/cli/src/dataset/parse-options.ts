import type { Json, JsonObject } from '@graft/domain/json';
import { InvalidArgumentError } from 'commander';

/** `path=value` onto what was given before: `size=[128,128]`, `split.kind=flow_from_directory`. Values are JSON, or text. */
export function parseOptionFlag(text: string, before: JsonObject = {}): JsonObject {
	const [, path = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
	const names = path.split('.');
	if (names.some((name) => !/^[A-Za-z]\w*$/.test(name))) {
		throw new InvalidArgumentError('Give name=value, such as size=[128,128] or split.seed=1.');
	}
	return put(before, names, parseValue(value));
}

function put(object: JsonObject, [name = '', ...rest]: readonly string[], value: Json): JsonObject {
	if (rest.length === 0) return { ...object, [name]: value };
	const inner = object[name];
	const nested = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as JsonObject) : {};
	return { ...object, [name]: put(nested, rest, value) };
}

function parseValue(text: string): Json {
	try {
		return JSON.parse(text) as Json;
	} catch {
		return text;
	}
}
