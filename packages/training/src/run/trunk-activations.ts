import { freshInputs } from '@graft/domain/recipe';
import type { ExampleSource } from './example-source.js';
import type { PhaseNetwork } from './phase-network.js';
import type { RunContext } from './run-context.js';
import { openTrunk } from './trunk-features.js';

/** Default of `RunContext.trunkBytes`: room for 20,000 images' last ResNet50 activations after pooling, many times over. */
export const TRUNK_BYTES = 512 * 1024 * 1024;

/** What the tail of a phase trains and is judged on. */
export interface TailSources {
	/** The sources hold the trunk's activations instead of the data set's inputs. */
	readonly trunkDone: boolean;
	readonly train: ExampleSource;
	readonly validation: ExampleSource;
}

/**
 * The trunk's activations of every example, computed once for a phase or found in the cache. That is the same as
 * computing them in each step: the trunk neither learns nor draws, and an example enters it the same way each time.
 */
export async function prepareSources(context: RunContext, network: PhaseNetwork, epochs: number): Promise<TailSources> {
	const { train, validation, splits, report, state } = context;
	const trunk = await openTrunk(context, network.trunk);
	if (trunk === null) return { trunkDone: false, train, validation };
	const fresh = freshInputs(context.recipe);
	if (fresh !== null) {
		report.log(`The trunk is computed in each step. ${fresh}`);
		return { trunkDone: false, train, validation };
	}
	const copies = context.recipe.augmentation?.copies ?? null;
	const examples = train.count * (copies ?? 1) + validation.count;
	const bytes = trunk.bytes(examples);
	const layers = `${network.trunk.length} of ${network.trunk.length + network.tail.length} layers`;
	if (bytes > context.trunkBytes) {
		report.log(`The trunk (${layers}) is computed in each step: its activations would take ${bytes} bytes.`);
		return { trunkDone: false, train, validation };
	}
	const found = [await trunk.of(splits.validation, epochs)];
	const seen = copies === null ? [null] : [...Array(Math.min(copies, context.spec.epochs)).keys()];
	for (const copy of seen) found.push(await trunk.of(splits.train, Math.ceil(epochs / seen.length), copy));
	const hits = found.filter(({ isHit }) => isHit).length;
	const how =
		hits === 0
			? 'were computed once'
			: hits === found.length
				? 'were found in the cache'
				: 'were computed once or found in the cache';
	const message = `The trunk (${layers}) cannot change: its activations of ${examples} examples ${how}.`;
	const data = { layers: network.trunk.length, examples, bytes, hits, misses: found.length - hits };
	report.event('TRUNK_CACHED', state.step, message, data);
	report.log(`${message} Feature cache: ${context.cache === null ? 'off' : `${hits} of ${found.length} splits hit`}.`);
	const [validated, ...trained] = found.map(({ source }) => source) as [ExampleSource, ...ExampleSource[]];
	return { trunkDone: true, train: takeTurns(trained), validation: validated };
}

/** The copies of the examples one after the other, epoch by epoch. */
function takeTurns(copies: readonly ExampleSource[]): ExampleSource {
	const [first] = copies as readonly [ExampleSource];
	const of = (epoch: number | null) => copies[((epoch ?? 1) - 1) % copies.length] ?? first;
	return { ...first, read: (positions, epoch) => of(epoch).read(positions, epoch) };
}
