import type { StrategyInput, StrategyKind } from '@graft/client/gql';
import { ACTIVATIONS } from '@graft/domain/run';
import { STRATEGY_KINDS } from '@graft/domain/strategy';
import { z } from '@graft/runtime/env';

const positive = z.int().min(1);
const rate = z.number().min(0).lt(1);
const json = z.record(z.string(), z.json());

const strategy = z.looseObject({
	kind: z
		.string()
		.transform((kind) => kind.toUpperCase().replaceAll('-', '_'))
		.refine((kind): kind is StrategyKind => (STRATEGY_KINDS as readonly string[]).includes(kind), {
			error: `there are ${STRATEGY_KINDS.map((kind) => kind.toLowerCase().replaceAll('_', '-')).join(', ')}`,
		}),
});

const head = z.strictObject({
	pooling: z.enum(['average', 'max', 'flatten']).optional(),
	inputDropout: rate.optional(),
	hidden: z
		.array(
			z.union([
				positive,
				z.strictObject({ units: positive, activation: z.enum(ACTIVATIONS), dropout: rate.optional() }),
			]),
		)
		.optional(),
	dropout: rate.optional(),
	/** Units of the last layer; the data must have as many classes. */
	classes: z.int().min(2).optional(),
	/** A language model's: scored by the embeddings themselves, or by a table of its own. */
	tied: z.boolean().optional(),
});

/** Both cross-entropies are one loss: of a row of class shares, and of the index of a class, or of the next token. */
export const LOSSES = ['categorical_crossentropy', 'sparse_categorical_crossentropy', 'mse', 'mae'] as const;

/** A training script as a file: examples/README.md says what each field is. */
export const runFileSchema = z.strictObject({
	experiment: z.string().min(1),
	data: z.strictObject({ format: z.string().min(1), options: json.default({}) }),
	backbone: z.strictObject({ architecture: z.string().min(1) }),
	strategy,
	head: head.default({}),
	optimizer: json.default({ kind: 'adam' }),
	training: json.optional(),
	loss: z.enum(LOSSES),
	epochs: positive,
	batchSize: positive,
	seeds: z.array(z.int().min(0)).min(1).default([0]),
	/** Labels a class that training may see. */
	labels: positive.optional(),
	/** What decides. */
	metric: z.string().min(1).optional(),
});

export type RunFile = Omit<z.output<typeof runFileSchema>, 'strategy'> & { readonly strategy: StrategyInput };

/** What the API takes of the head: the number of classes is the data's. */
export function headOf({ head: { classes: _, ...head }, loss }: RunFile) {
	return { ...head, ...((loss === 'mse' || loss === 'mae') && { loss }) };
}

/** Where a field of a launch stands in the file: `strategies[0].rank` is `strategy.rank`. */
export function fieldInFile(field: string): readonly (string | number)[] {
	const renamed = field.replace(/^strategies\[0\]/, 'strategy').replace(/^trainExamplesPerClass/, 'labels');
	const path = renamed.replace(/^head\.loss/, 'loss').match(/[^.[\]]+/g) ?? [];
	return path.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
