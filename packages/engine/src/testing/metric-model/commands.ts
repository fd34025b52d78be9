import fc from 'fast-check';
import type { XAxis } from '../../contract/inputs.js';

/** What may happen to a run. */
export type Command =
	| { readonly kind: 'log'; readonly sizes: readonly number[]; readonly jump: number; readonly seed: number }
	| { readonly kind: 'log and compact at once'; readonly size: number; readonly seed: number }
	| { readonly kind: 'lines'; readonly lines: readonly string[] }
	| { readonly kind: 'tag'; readonly tag: string }
	| { readonly kind: 'finish'; readonly outcome: 'SUCCEEDED' | 'FAILED' | 'CANCELLED' }
	| { readonly kind: 'retry' | 'gap' | 'crash' | 'release' | 'compact' | 'state' | 'weights' | 'restart' };

/** Where somebody looks at a chart: a part of the axis, by shares of what there is. */
export interface Look {
	readonly x: XAxis;
	readonly buckets: number;
	readonly from: number | null;
	readonly to: number | null;
}

/** `examples` is logged by some runs only: the others' batches are counted. */
export const KEYS = ['loss', 'test_accuracy', 'lr', 'epoch', 'examples'];
export const TAGS = ['a', 'b'];

/** Some batches are large, so that chunks have cells after one and close within a few of them. */
const size = fc.oneof(
	fc.nat(3),
	fc.nat(50),
	fc.integer({ min: 100, max: 700 }),
	fc.integer({ min: 2_000, max: 6_000 }),
);
const seed = fc.nat(1_000_000);
const line = fc.constantFrom('epoch 1', 'EPOCH 2: loss 50 %', 'a_b', 'ünïcode', '');
// Backwards too: out of order, and steps that were there before.
const jump = fc.oneof(
	{ weight: 4, arbitrary: fc.constant(1) },
	{ weight: 1, arbitrary: fc.integer({ min: -300, max: 900 }) },
);
const outcome = fc.constantFrom('SUCCEEDED' as const, 'SUCCEEDED' as const, 'FAILED' as const, 'CANCELLED' as const);
const plain = ['retry', 'gap', 'crash', 'release', 'state', 'weights', 'restart'] as const;

export const command: fc.Arbitrary<Command> = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ kind: fc.constant('log'), sizes: fc.tuple(size, size, fc.nat(3)), jump, seed }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('log and compact at once'), size, seed }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('lines'), lines: fc.array(line, { maxLength: 12 }) }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('tag'), tag: fc.constantFrom(...TAGS) }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('finish'), outcome }) },
	...plain.map((kind) => ({ weight: 1, arbitrary: fc.constant({ kind }) })),
	{ weight: 3, arbitrary: fc.constant({ kind: 'compact' as const }) },
);

const share = fc.option(fc.integer({ min: 0, max: 1_000 }).map((part) => part / 1_000));
export const look: fc.Arbitrary<Look> = fc
	.record({
		x: fc.constantFrom<XAxis[]>('STEP', 'EPOCH', 'EXAMPLES', 'WALL_TIME', 'COMPUTE'),
		buckets: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 100, max: 10_000 })),
		from: share,
		to: share,
	})
	.map((drawn) =>
		drawn.from !== null && drawn.to !== null && drawn.from > drawn.to
			? { ...drawn, from: drawn.to, to: drawn.from }
			: drawn,
	);

/** Any double, now and then one that is no number; most are of the kind that training logs. */
export function valueAt(given: number): number {
	const kind = given % 997;
	if (kind === 0) return Number.NaN;
	if (kind === 1) return Number.POSITIVE_INFINITY;
	if (kind === 2) return -0;
	if (kind === 3) return 1.7e308;
	if (kind === 4) return 5e-324;
	return kind % 2 === 0 ? Math.fround(Math.sin(given) * 10) : Math.sin(given) / 3;
}
