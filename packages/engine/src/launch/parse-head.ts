import { type InvalidInput, invalidInput } from '@graft/domain/error';
import { ACTIVATIONS, type HeadSpec, type HiddenLayer } from '@graft/domain/run';

const POOLINGS = ['average', 'max', 'flatten'] as const;
const LOSSES = ['mse', 'mae'] as const;
const MAX_HIDDEN_LAYERS = 8;
const MAX_UNITS = 65_536;
const FIELDS = ['pooling', 'inputDropout', 'hidden', 'dropout', 'loss', 'tied'];

/** Average pooling and one dense layer to the classes: the usual head of a linear probe. */
export const DEFAULT_HEAD: HeadSpec = { pooling: 'average', hidden: [], dropout: 0 };

/**
 * Checks `{pooling?, inputDropout?, hidden?, dropout?, loss?, tied?}`; null is the default head. A hidden layer is a number of
 * units, with relu, or `{units, activation?, dropout?}`. What says nothing (no dropout, relu) is left out of what comes
 * back: equal heads are equal.
 */
export function parseHead(json: unknown, field = 'head'): HeadSpec | InvalidInput {
	if (json === null || json === undefined) return DEFAULT_HEAD;
	if (typeof json !== 'object' || Array.isArray(json)) return invalidInput(field, `A head is {${FIELDS.join(', ')}}.`);
	const unknown = Object.keys(json).find((key) => !FIELDS.includes(key));
	if (unknown !== undefined)
		return invalidInput(`${field}.${unknown}`, `A head has no field ${unknown}; it has ${FIELDS.join(', ')}.`);
	const given = { ...DEFAULT_HEAD, inputDropout: 0, ...json } as Required<HeadSpec>;
	const { pooling, inputDropout, dropout, loss, tied } = given;
	const wrong = (name: string, says: string, value: unknown) =>
		invalidInput(`${field}.${name}`, `${name} is ${says}, not ${JSON.stringify(value)}.`);
	if (!POOLINGS.includes(pooling)) return wrong('pooling', POOLINGS.join(', '), pooling);
	const layers = parseHidden(given.hidden, `${field}.hidden`);
	if ('field' in layers) return layers;
	for (const [name, rate] of Object.entries({ dropout, inputDropout })) {
		if (!isRate(rate)) return wrong(name, 'a rate from 0 to below 1', rate);
	}
	if (inputDropout > 0 && layers.hidden.length === 0)
		return invalidInput(`${field}.inputDropout`, 'A head without a hidden layer has one dropout: dropout.');
	if (loss !== undefined && !LOSSES.includes(loss)) return wrong('loss', LOSSES.join(' or '), loss);
	if (tied !== undefined && typeof tied !== 'boolean') return wrong('tied', 'true or false', tied);
	return {
		...{ pooling, ...layers, dropout },
		...(inputDropout > 0 && { inputDropout }),
		...(loss !== undefined && { loss }),
		...(tied !== undefined && { tied }),
	};
}

function parseHidden(given: unknown, field: string): { readonly hidden: readonly HiddenLayer[] } | InvalidInput {
	const refused = (value: unknown) =>
		invalidInput(
			field,
			`hidden is a list of at most ${MAX_HIDDEN_LAYERS} layers: units from 1 to ${MAX_UNITS}, or {units, activation: ${ACTIVATIONS.join(' | ')}, dropout}; not ${JSON.stringify(value)}.`,
		);
	if (!Array.isArray(given) || given.length > MAX_HIDDEN_LAYERS) return refused(given);
	const hidden: HiddenLayer[] = [];
	for (const layer of given as unknown[]) {
		const whole = typeof layer === 'number' ? { units: layer } : layer;
		if (typeof whole !== 'object' || whole === null) return refused(layer);
		const { units, activation = 'relu', dropout = 0, ...rest } = whole as Partial<Exclude<HiddenLayer, number>>;
		const isUnits = Number.isInteger(units) && (units ?? 0) > 0 && (units ?? 0) <= MAX_UNITS;
		if (!isUnits || !ACTIVATIONS.includes(activation) || !isRate(dropout) || Object.keys(rest).length > 0)
			return refused(layer);
		hidden.push(activation === 'relu' && dropout === 0 ? (units ?? 0) : { units: units ?? 0, activation, dropout });
	}
	return { hidden };
}

const isRate = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 1;
