import { type InvalidInput, invalidInput } from '@graft/domain/error';
import type { HeadSpec } from '@graft/domain/run';

const POOLINGS = ['average', 'max', 'flatten'] as const;
const MAX_HIDDEN_LAYERS = 8;
const MAX_UNITS = 65_536;

/** Average pooling and one dense layer to the classes: the usual head of a linear probe. */
const DEFAULT_HEAD: HeadSpec = { pooling: 'average', hidden: [], dropout: 0 };

/** Checks `{pooling?, hidden?, dropout?}`; null is the default head. */
export function parseHead(json: unknown, field = 'head'): HeadSpec | InvalidInput {
	if (json === null || json === undefined) return DEFAULT_HEAD;
	if (typeof json !== 'object' || Array.isArray(json))
		return invalidInput(field, 'A head is {pooling, hidden, dropout}.');
	const unknown = Object.keys(json).find((key) => !(key in DEFAULT_HEAD));
	if (unknown !== undefined)
		return invalidInput(`${field}.${unknown}`, `A head has no field ${unknown}; it has pooling, hidden and dropout.`);
	const { pooling, hidden, dropout } = { ...DEFAULT_HEAD, ...json };
	if (!POOLINGS.includes(pooling))
		return invalidInput(`${field}.pooling`, `Pooling is ${POOLINGS.join(', ')}, not ${JSON.stringify(pooling)}.`);
	const isUnits = (units: unknown) =>
		Number.isInteger(units) && (units as number) > 0 && (units as number) <= MAX_UNITS;
	if (!Array.isArray(hidden) || hidden.length > MAX_HIDDEN_LAYERS || !hidden.every(isUnits))
		return invalidInput(
			`${field}.hidden`,
			`hidden is a list of at most ${MAX_HIDDEN_LAYERS} layer sizes from 1 to ${MAX_UNITS}, not ${JSON.stringify(hidden)}.`,
		);
	if (typeof dropout !== 'number' || !(dropout >= 0 && dropout < 1))
		return invalidInput(`${field}.dropout`, `dropout is a rate from 0 to below 1, not ${JSON.stringify(dropout)}.`);
	return { pooling, hidden, dropout };
}
