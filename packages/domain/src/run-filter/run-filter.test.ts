import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRunFilter, RUN_FILTER_COLUMNS, type RunFilterExpression, type RunFilterField } from './index.js';

const compare = (field: RunFilterField, operator: string, value: unknown) => ({
	kind: 'compare',
	field,
	operator,
	value,
});
const config = (...path: string[]): RunFilterField => ({ kind: 'config', path });
const metric = (key: string, at: 'best' | 'last' | 'min' | 'max'): RunFilterField => ({ kind: 'metric', key, at });

describe('parseRunFilter', () => {
	it.each([
		['config.optimizer.lr < 1e-3', compare(config('optimizer', 'lr'), '<', 1e-3)],
		['config.a.0==-.5', compare(config('a', '0'), '=', -0.5)],
		['metric.val_accuracy.best > 0.9', compare(metric('val_accuracy', 'best'), '>', 0.9)],
		['metric."val/loss".min<=+2.', compare(metric('val/loss', 'min'), '<=', 2)],
		['metric.eval.acc.last != null', compare(metric('eval.acc', 'last'), '!=', null)],
		[String.raw`tag = 'it\'s "fine"'`, compare({ kind: 'tag' }, '=', `it's "fine"`)],
		['status = "RUNNING"', compare({ kind: 'column', name: 'status' }, '=', 'RUNNING')],
		['config.nesterov = TRUE', compare(config('nesterov'), '=', true)],
		['queuedAt >= "2030-01-31"', compare({ kind: 'column', name: 'queuedAt' }, '>=', '2030-01-31')],
		['seed in (1, 2,3)', { kind: 'in', field: { kind: 'column', name: 'seed' }, values: [1, 2, 3] }],
		['tag in ("a")', { kind: 'in', field: { kind: 'tag' }, values: ['a'] }],
	])('reads %s', (source, wanted) => {
		expect(parseRunFilter(source)).toEqual(wanted);
	});

	it('binds not before and before or', () => {
		const [a, b, c] = ['a', 'b', 'c'].map((name) => compare(config(name), '=', 1)) as unknown as RunFilterExpression[];
		const read = (source: string) => parseRunFilter(source.replace(/\b[abc]\b/g, 'config.$& = 1'));
		expect(read('a or b and c')).toEqual({ kind: 'or', terms: [a, { kind: 'and', terms: [b, c] }] });
		expect(read('(a or b) and c')).toEqual({ kind: 'and', terms: [{ kind: 'or', terms: [a, b] }, c] });
		expect(read('not a and b')).toEqual({ kind: 'and', terms: [{ kind: 'not', term: a }, b] });
		expect(read('NOT (a AND not b)')).toEqual({
			kind: 'not',
			term: { kind: 'and', terms: [a, { kind: 'not', term: b }] },
		});
		expect(read('a and b and c')).toEqual({ kind: 'and', terms: [a, b, c] });
		expect(read('((a))')).toEqual(a);
	});

	it.each([
		['', 1, 'expected a field such as config.epochs, found the end'],
		['config.lr <', 12, 'expected a number, a text in quotes, true, false or null, found the end'],
		['config.lr < 1 config.x = 2', 15, 'expected and, or, or the end, found config.x'],
		['config.lr ~ 1', 11, 'unexpected ~'],
		['config.lr 1', 11, 'expected =, !=, <, <=, >, >= or in, found 1'],
		['(config.lr < 1', 15, 'expected ), found the end'],
		['config.lr < 1)', 14, 'expected and, or, or the end, found )'],
		['lr < 1', 1, 'there is no field lr'],
		['config < 1', 1, 'there is no field config'],
		['config. < 1', 8, 'unexpected'],
		['config.', 8, 'a name should follow the dot'],
		['metric.val_accuracy > 1', 1, 'a metric is written metric.<key>.<best|last|min|max>'],
		['metric.best > 1', 1, 'a metric is written'],
		['metric.a.best > "x"', 17, 'a metric compares with a number'],
		['status = "DONE"', 10, 'there is no status DONE; there are QUEUED'],
		['status > "QUEUED"', 10, 'takes =, != and in'],
		['tag = 3', 7, 'tag compares with a text'],
		['tag = "open', 7, 'has no closing "'],
		['config.a > null', 12, '> does not compare with null'],
		['config.a < true', 12, '< does not compare with true'],
		['config.a in ()', 14, 'expected a number'],
		['config.a in (1, "x")', 17, 'all of one type'],
		['config.a in (null)', 14, 'cannot hold null'],
		['config.a in (1', 15, 'expected ), found the end'],
		['seed = "1"', 8, 'seed compares with a number'],
		['queuedAt > 5', 12, 'an instant such as'],
		['queuedAt > "soon"', 12, 'an instant such as'],
		['config.a = 1e999', 12, 'too large'],
		['and = 1', 1, 'expected a field'],
		['config.a = 1; drop table run', 13, 'unexpected ;'],
	])('refuses %s at character %i', (source, character, message) => {
		const refused = parseRunFilter(source, 'filter.where');
		expect(refused).toMatchObject({ kind: 'InvalidInput', code: 'INVALID_FILTER', field: 'filter.where' });
		expect((refused as { message: string }).message).toContain(`at character ${character}: `);
		expect((refused as { message: string }).message).toContain(message);
	});

	it('bounds length and depth', () => {
		expect(parseRunFilter(`config.a = "${'x'.repeat(5000)}"`)).toMatchObject({ kind: 'InvalidInput' });
		const deep = `${'('.repeat(60)}config.a = 1${')'.repeat(60)}`;
		expect((parseRunFilter(deep) as { message: string }).message).toContain('more than 50 levels');
		const wide = Array.from({ length: 120 }, (_, i) => `(config.a = ${i})`).join(' or ');
		expect(parseRunFilter(wide)).toMatchObject({ kind: 'or' });
	});

	it('reads back what it wrote', () => {
		const word = fc.stringMatching(/^[A-Za-z_]\w{0,8}$/);
		const value = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
		const leaf: fc.Arbitrary<RunFilterExpression> = fc.oneof(
			fc.record({
				kind: fc.constant('compare' as const),
				field: fc.record({
					kind: fc.constant('config' as const),
					path: fc.array(word, { minLength: 1, maxLength: 3 }),
				}),
				operator: fc.constantFrom('=' as const, '!=' as const),
				value,
			}),
			fc.record({
				kind: fc.constant('compare' as const),
				field: fc.record({
					kind: fc.constant('metric' as const),
					key: word,
					at: fc.constantFrom('best' as const, 'last' as const, 'min' as const, 'max' as const),
				}),
				operator: fc.constantFrom('<' as const, '>=' as const),
				value: fc.integer(),
			}),
			fc.record({
				kind: fc.constant('in' as const),
				field: fc.constant({ kind: 'tag' as const }),
				values: fc.array(fc.string(), { minLength: 1, maxLength: 4 }),
			}),
		);
		const tree = fc.letrec<{ node: RunFilterExpression }>((tie) => ({
			node: fc.oneof(
				{ maxDepth: 4 },
				leaf,
				fc.record({ kind: fc.constant('not' as const), term: tie('node') }),
				fc.record({
					kind: fc.constantFrom('and' as const, 'or' as const),
					terms: fc.array(tie('node'), { minLength: 2, maxLength: 3 }),
				}),
			),
		})).node;
		fc.assert(
			fc.property(tree, (expression) => {
				const source = write(expression);
				fc.pre(source.length <= 4000);
				expect(parseRunFilter(source)).toEqual(expression);
			}),
		);
	});

	it('answers any text with a value, never with an exception', () => {
		const piece = fc.constantFrom(
			'config.a',
			'tag',
			'(',
			')',
			'and',
			'or',
			'not',
			'in',
			'=',
			'<',
			'"',
			"'",
			'1',
			'.',
			',',
			'null',
			'\\',
		);
		const text = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.array(piece).map((pieces) => pieces.join(' ')),
		);
		fc.assert(fc.property(text, (source) => typeof parseRunFilter(source) === 'object'));
		expect(RUN_FILTER_COLUMNS).toContain('finishedAt');
	});
});

function write(expression: RunFilterExpression): string {
	switch (expression.kind) {
		case 'not':
			return `not ${write(expression.term)}`.replace(/^not (.*)$/s, 'not ($1)');
		case 'and':
		case 'or':
			return expression.terms.map((term) => `(${write(term)})`).join(` ${expression.kind} `);
		case 'compare':
			return `${fieldText(expression.field)} ${expression.operator} ${literal(expression.value)}`;
		case 'in':
			return `${fieldText(expression.field)} in (${expression.values.map(literal).join(', ')})`;
	}
}
function fieldText(field: RunFilterField): string {
	if (field.kind === 'config') return `config.${field.path.join('.')}`;
	if (field.kind === 'metric') return `metric.${field.key}.${field.at}`;
	return field.kind === 'tag' ? 'tag' : field.name;
}
function literal(value: unknown): string {
	if (typeof value === 'string') return `"${value.replace(/[\\"]/g, '\\$&')}"`;
	return Object.is(value, -0) ? '-0' : String(value);
}
