import type { Json } from '@graft/domain/json';
import { InvalidArgumentError } from 'commander';

type Swept = { readonly values: readonly Json[] } | Readonly<Record<string, Json>>;

/**
 * One `--space` flag, gathered with those before it:
 * `strategy.unfreezeFrom=block2,block3` lists values, `strategy.learningRate=1e-4..1e-1:log` is a range, and
 * `epochs=10..50:integer`, `dropout=0..0.5:6` take whole numbers, or that many steps of a grid.
 */
export function parseSpaceFlag(text: string, before: Readonly<Record<string, Swept>> = {}): Record<string, Swept> {
	const [path = '', ...rest] = text.split('=');
	const given = rest.join('=');
	if (path === '' || given === '') {
		throw new InvalidArgumentError(
			'Write path=value,value or path=min..max, such as strategy.learningRate=1e-4..1e-1:log.',
		);
	}
	if (path in before) throw new InvalidArgumentError(`${path} is given twice.`);
	return {
		...before,
		[path]: given.includes('..') ? parseRange(path, given) : { values: given.split(',').map(parseValue) },
	};
}

function parseRange(path: string, text: string): Swept {
	const [ends = '', ...marks] = text.split(':');
	const [min, max] = ends.split('..').map(parseValue);
	if (typeof min !== 'number' || typeof max !== 'number') {
		throw new InvalidArgumentError(`The range of ${path} needs two numbers, such as 1e-4..1e-1, not ${ends}.`);
	}
	const range: Record<string, Json> = { min, max };
	for (const mark of marks) {
		if (mark === 'log' || mark === 'linear') range.scale = mark;
		else if (mark === 'integer') range.integer = true;
		else if (/^\d+$/.test(mark)) range.steps = Number(mark);
		else
			throw new InvalidArgumentError(
				`The range of ${path} takes log, linear, integer or a number of steps, not ${mark}.`,
			);
	}
	return range;
}

/** Numbers, true, false and null are what they look like; everything else is text. */
export function parseValue(text: string): Json {
	if (text === 'true' || text === 'false') return text === 'true';
	if (text === 'null') return null;
	return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
