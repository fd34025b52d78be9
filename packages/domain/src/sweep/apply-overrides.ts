import { type InvalidInput, invalidInput } from '../error/index.js';
import type { Json, JsonObject } from '../json/index.js';
import type { TrialOverrides } from './sweep.js';
import { sweepField, unknownPath } from './sweep-paths.js';

/** The launch with a trial's values in place; the base is left as it is. An unknown path is refused by name. */
export function applyOverrides(base: JsonObject, overrides: TrialOverrides): JsonObject | InvalidInput {
	let launch = base;
	for (const [path, value] of Object.entries(overrides)) {
		if (sweepField(path) === null) return invalidInput(path, unknownPath(path), 'UNKNOWN_FIELD');
		launch = withValue(launch, path.split('.'), value);
	}
	return launch;
}

function withValue(object: JsonObject, [key, ...rest]: readonly string[], value: Json): JsonObject {
	if (key === undefined) return object;
	if (rest.length === 0) return { ...object, [key]: value };
	const inner = object[key];
	const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
	return { ...object, [key]: withValue(isObject ? (inner as JsonObject) : {}, rest, value) };
}
