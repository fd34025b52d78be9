import { freshInputs } from '@graft/domain/recipe';
import type { ExampleSource } from './example-source.js';
import type { PhaseNetwork } from './phase-network.js';
import type { RunContext } from './run-context.js';
import { type Features, openTrunk } from './trunk-features.js';

/** Default of `RunContext.trunkBytes`: room for 20,000 images' last ResNet50 activations after pooling, many times over. */
export const TRUNK_BYTES = 512 * 1024 * 1024;

/** What the tail of a phase trains and is judged on. */
export interface TailSources {
	/** The sources hold the trunk's activations instead of the data set's inputs. */
	readonly trunkDone: boolean;
	readonly train: ExampleSource;
	readonly validation: ExampleSource;
	/** When the phase has read what it wants. */
	readonly close: () => Promise<void>;
}

/**
 * The trunk's activations of every example, computed once for a phase or found in the cache. That is the same as
 * computing them in each step: the trunk neither learns nor draws, and an example enters it the same way each time. Where
 * they are too large for main memory the steps read them from the cache's files, a few batches ahead.
 */
export async function prepareSources(context: RunContext, network: PhaseNetwork, epochs: number): Promise<TailSources> {
	const { train, validation, splits, report, state, cache } = context;
	const inEachStep: TailSources = { trunkDone: false, train, validation, close: async () => undefined };
	const trunk = await openTrunk(context, network.trunk);
	if (trunk === null) return inEachStep;
	const fresh = freshInputs(context.recipe);
	if (fresh !== null) {
		report.log(`The trunk is computed in each step. ${fresh}`);
		return inEachStep;
	}
	const copies = context.recipe.augmentation?.copies ?? null;
	const examples = train.count * (copies ?? 1) + validation.count;
	const bytes = trunk.bytes(examples);
	const layers = `${network.trunk.length} of ${network.trunk.length + network.tail.length} layers`;
	const place = trunk.placeOf(bytes);
	if (place === null) {
		const why = cache === null ? ', and there is no feature cache' : `, and the feature cache has ${cache.maxBytes}`;
		report.log(`The trunk (${layers}) is computed in each step: its activations would take ${bytes} bytes${why}.`);
		return inEachStep;
	}
	const seen = copies === null ? [null] : [...Array(Math.min(copies, context.spec.epochs)).keys()];
	const found = await allOf([
		() => trunk.of(splits.validation, place, epochs),
		...seen.map((copy) => () => trunk.of(splits.train, place, Math.ceil(epochs / seen.length), copy)),
	]);
	if (found === null) {
		report.log(`The trunk (${layers}) is computed in each step.`);
		return inEachStep;
	}
	const hits = found.filter(({ isHit }) => isHit).length;
	const how =
		hits === 0
			? 'were computed once'
			: hits === found.length
				? 'were found in the cache'
				: 'were computed once or found in the cache';
	const where = place === 'disk' ? `, and are read from disk (${bytes} bytes)` : '';
	const message = `The trunk (${layers}) cannot change: its activations of ${examples} examples ${how}${where}.`;
	const data = { layers: network.trunk.length, examples, bytes, place, hits, misses: found.length - hits };
	report.event('TRUNK_CACHED', state.step, message, data);
	report.log(`${message} Feature cache: ${cache === null ? 'off' : `${hits} of ${found.length} splits hit`}.`);
	const [validated, ...trained] = found.map(({ source }) => source) as [ExampleSource, ...ExampleSource[]];
	return { trunkDone: true, train: takeTurns(trained), validation: validated, close: () => closeAll(found) };
}

/** One after the other; null, and none of them open, where one is not to be had. */
async function allOf(wanted: readonly (() => Promise<Features | null>)[]): Promise<Features[] | null> {
	const found: Features[] = [];
	try {
		for (const one of wanted) {
			const features = await one();
			if (features === null) break;
			found.push(features);
		}
	} catch (error) {
		await closeAll(found);
		throw error;
	}
	if (found.length === wanted.length) return found;
	await closeAll(found);
	return null;
}

const closeAll = async (found: readonly Features[]): Promise<void> => {
	for (const { close } of found) await close();
};

/** The copies of the examples one after the other, epoch by epoch. */
function takeTurns(copies: readonly ExampleSource[]): ExampleSource {
	const [first] = copies as readonly [ExampleSource];
	const of = (epoch: number | null) => copies[((epoch ?? 1) - 1) % copies.length] ?? first;
	return { ...first, read: (positions, epoch) => of(epoch).read(positions, epoch) };
}
