import {
	type Architecture,
	architectureOfConfig,
	findArchitecture,
	summarizeBackbone,
} from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import { matchWeights } from './match-weights.js';
import { openWeights } from './open-weights.js';
import type { WeightFile } from './weight-file.js';
import { type OnProgress, type WrittenFile, writeBackbone } from './write-backbone.js';

export interface ImportRequest {
	/** A file or a folder. */
	readonly from: string;
	/** One of the catalogue by its name, or any; null: what config.json of a Hugging Face model says. */
	readonly architecture: string | Architecture | null;
	/** Where the backbone's safetensors file is written; it must not be there yet. */
	readonly to: string;
	/** Folder for what has to be unpacked. */
	readonly scratch: string;
	/** Names, or beginnings of names with a star, of tensors that may be left out. */
	readonly ignore?: readonly string[];
	readonly onProgress?: OnProgress;
}

export interface ImportedWeights extends WrittenFile {
	readonly format: string;
	readonly architecture: string;
	readonly tensors: number;
	readonly parameters: number;
	readonly leftOut: readonly string[];
}

/** An archive may hold the optimizer's state besides: Adam's is twice the weights. */
const UNPACKED_PER_WEIGHT = 4;
const UNPACKED_BESIDES = 64 * 2 ** 20;

/**
 * Makes a backbone's weight file out of one of another kind: every tensor by name and shape, or nothing.
 * @throws GraftError DATA with what is wrong, by name.
 */
export async function importWeights(request: ImportRequest): Promise<ImportedWeights> {
	const known = architectureOf(request);
	const maxBytes = known === null ? UNPACKED_BESIDES : 4 * UNPACKED_PER_WEIGHT * parametersOf(known) + UNPACKED_BESIDES;
	const file = await openWeights(request.from, { scratch: request.scratch, maxBytes });
	try {
		const architecture = known ?? architectureNamed(nameIn(file));
		const { matches, leftOut } = matchWeights(architecture, file, request.ignore ?? []);
		const written = await writeBackbone(request.to, architecture.name, matches, request.onProgress ?? (() => {}));
		return {
			...written,
			format: file.format,
			architecture: architecture.name,
			tensors: matches.length,
			parameters: parametersOf(architecture),
			leftOut,
		};
	} finally {
		await file.close();
	}
}

const architectureOf = ({ architecture }: ImportRequest): Architecture | null =>
	typeof architecture === 'string' ? architectureNamed(architecture) : architecture;

function nameIn({ config }: WeightFile): string {
	if (config === undefined) {
		throw new GraftError('CONFIGURATION', 'The weights do not say what they are weights of: give --architecture.');
	}
	const name = architectureOfConfig(config);
	if (typeof name === 'string') return name;
	throw new GraftError('DATA', name.message, { field: name.field });
}

function architectureNamed(name: string): Architecture {
	const found = findArchitecture(name);
	if (found !== null) return found;
	throw new GraftError('CONFIGURATION', `There is no architecture ${name}.`, { architecture: name });
}

const parametersOf = (architecture: Architecture): number =>
	summarizeBackbone(architecture, architecture.defaultInput).parameterCount;
