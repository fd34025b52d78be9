import type { ExportedLayer } from './exported-model.js';

export type Config = Readonly<Record<string, unknown>>;

/** A layer or an operation of a Keras functional model. */
export interface KerasLayer {
	readonly name: string;
	readonly className: string;
	readonly config: Config;
	/** Names of all that it reads. */
	readonly inputs: readonly string[];
	/** In Keras' order. */
	readonly weights: ExportedLayer['weights'];
	/** The layer of ours that it is; null for one that the export adds. */
	readonly of: ExportedLayer | null;
	/** Of one of `keras.ops`: the module that has it, and what it is called with. */
	readonly call?: { readonly module: string; readonly args: readonly unknown[]; readonly kwargs: Config };
}

export const kerasLayer = (
	name: string,
	className: string,
	config: Config,
	inputs: readonly string[],
	{ of = null, weights = of?.weights ?? [] }: Partial<Pick<KerasLayer, 'of' | 'weights'>> = {},
): KerasLayer => ({ name, className, config: { name, ...config }, inputs, weights, of });

/** What stands in an operation's call for the output of a layer. */
class Reference {
	constructor(readonly name: string) {}

	/** Keras knows shape and type by the layer that is named. */
	toJSON() {
		const config = { shape: [], dtype: 'float32', keras_history: [this.name, 0, 0] };
		return { class_name: '__keras_tensor__', config };
	}
}

export const output = (name: string): Reference => new Reference(name);
export const slice = (start: number | null, stop: number | null): object => ({
	class_name: '__slice__',
	config: { start, stop, step: null },
});

/**
 * One of `keras.ops` in a model, by its class, as Keras' own `.keras` files have them. Keras gives it a name of its own:
 * older versions take none from a file.
 */
export function kerasOperation(
	name: string,
	[module, className]: readonly [module: 'numpy' | 'nn' | 'core', className: string],
	args: readonly unknown[],
	config: Config = {},
	kwargs: Config = {},
): KerasLayer {
	const all = [...args, ...Object.values(kwargs)];
	const inputs = all.flatMap((one) => (one instanceof Reference ? [one.name] : []));
	const call = { module: `keras.src.ops.${module}`, args, kwargs };
	return { name, className, config, inputs, weights: [], of: null, call };
}
