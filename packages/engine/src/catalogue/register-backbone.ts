import { dropOrphanBlobs, findArtifactsByRuns, insertBlob } from '@graft/database/artifact';
import { insertBackbone } from '@graft/database/backbone';
import { findRuns } from '@graft/database/run';
import { ARCHITECTURES, type Architecture, findArchitecture, summarizeBackbone } from '@graft/domain/architecture';
import { CHECKPOINT_KIND, DIGEST } from '@graft/domain/artifact';
import type { Backbone } from '@graft/domain/backbone';
import {
	type Conflict,
	conflict,
	GraftError,
	type InvalidInput,
	invalidInput,
	type NotFound,
	notFound,
} from '@graft/domain/error';
import { canonicalJson } from '@graft/domain/json';
import { newId } from '@graft/runtime/id';
import type { Context } from '../context/context.js';
import { isId, refuseName, refuseUnstorable } from '../context/storable.js';
import type { RegisterBackboneInput } from '../contract/inputs.js';
import { refuseWeights } from './refuse-weights.js';

/** Registering the same backbone under the same name again answers the one that is there. */
export async function registerBackbone(
	context: Context,
	input: RegisterBackboneInput,
): Promise<Backbone | InvalidInput | NotFound | Conflict> {
	const refused =
		refuseName(input.name) ??
		refuseUnstorable({ source: input.source, licence: input.licence, architecture: input.architecture });
	if (refused !== null) return refused;
	const architecture = findArchitecture(input.architecture);
	if (architecture === null) {
		const known = ARCHITECTURES.map(({ name }) => name).join(', ');
		return invalidInput('architecture', `There is no architecture ${input.architecture}. There are: ${known}.`);
	}
	const origin = await originOf(context, input, architecture);
	if ('kind' in origin) return origin;
	const summary = summarized(architecture, origin.shape);
	if ('kind' in summary) return summary;
	if (input.weightsDigest !== null) {
		const misfit = await refuseWeights(context.artifactStore, input.weightsDigest, architecture, origin.shape);
		if (misfit !== null) return misfit;
	}
	const backbone = {
		id: newId(),
		name: input.name,
		architecture: architecture.name,
		modality: architecture.modality,
		weightsDigest: origin.weightsDigest,
		source: input.source,
		licence: input.licence,
		pretrainedOnId: origin.pretrainedOnId,
		producedById: input.fromRunId,
		parameterCount: summary.parameterCount,
		layerGroups: summary.layerGroups,
		input: inputOf(architecture, origin),
	};
	const stored = await store(context, backbone);
	if ('kind' in stored) return stored;
	const identity = ({
		architecture: name,
		weightsDigest,
		input: { shape, tokenizer },
	}: typeof stored | typeof backbone) => canonicalJson([name, weightsDigest, shape, tokenizer]);
	if (identity(stored) === identity(backbone)) return stored;
	return conflict(
		`Another backbone is called ${input.name}. Backbones do not change: choose another name.`,
		'NAME_TAKEN',
	);
}

/** With the files that it names: from here on they are not given up as bytes that nobody has committed. */
async function store(
	{ database, artifactStore }: Context,
	backbone: Parameters<typeof insertBackbone>[1],
): Promise<Backbone | InvalidInput> {
	const digests = [backbone.weightsDigest, backbone.input.tokenizer].filter((digest) => digest !== null);
	return database.transaction(async (session) => {
		for (const digest of digests.sort()) {
			const bytes = await artifactStore.size(digest);
			if (bytes !== null) await insertBlob(session, digest, bytes);
			// Looked for again under the row's lock: they may have been given up between the two.
			if (bytes === null || (await artifactStore.size(digest)) === null) {
				await dropOrphanBlobs(session, digests);
				return invalidInput('weightsDigest', `The artifact store does not hold ${digest} any more. Upload it again.`);
			}
		}
		return insertBackbone(session, backbone);
	});
}

/** A text's shape is rows by tokens. */
const inputOf = ({ modality }: Architecture, { shape, preprocessing, tokenizer }: Origin): Backbone['input'] => ({
	...{ shape, preprocessing, tokenizer },
	maxLength: modality === 'TEXT' ? (shape.at(-1) ?? null) : null,
});

interface Origin {
	/** What the weights were trained on: a run's own, else that of the published weights; none for random ones. */
	readonly preprocessing: string | null;
	/** Digest of the tokenizer.json that the ids of its texts come from. */
	readonly tokenizer: string | null;
	readonly weightsDigest: string | null;
	readonly pretrainedOnId: string | null;
	readonly shape: readonly number[];
}

/** Where the weights come from: a finished run, bytes in the store, or nowhere (random). */
async function originOf(
	context: Context,
	input: RegisterBackboneInput,
	architecture: Architecture,
): Promise<Origin | InvalidInput | NotFound> {
	const shape = input.inputShape ?? architecture.defaultInput;
	if (input.fromRunId !== null && input.weightsDigest !== null)
		return invalidInput('weightsDigest', 'Give fromRunId or weightsDigest, not both: the run names its own weights.');
	if (input.fromRunId !== null && input.tokenizerDigest != null)
		return invalidInput('tokenizerDigest', "The run's backbone has brought its tokenizer: leave it out.");
	if (input.fromRunId !== null) return originInRun(context, input, architecture, input.fromRunId);
	const { weightsDigest, tokenizerDigest: tokenizer = null } = input;
	const refused =
		(await refuseFile(context, 'weightsDigest', weightsDigest)) ??
		(await refuseFile(context, 'tokenizerDigest', tokenizer)) ??
		(tokenizer !== null && architecture.modality !== 'TEXT'
			? invalidInput('tokenizerDigest', `${architecture.name} reads no text, so that it has no tokenizer.`)
			: null);
	if (refused !== null) return refused;
	const preprocessing = weightsDigest === null ? null : (architecture.preprocessing ?? null);
	return { weightsDigest, pretrainedOnId: null, shape, preprocessing, tokenizer };
}

async function originInRun(
	{ database }: Context,
	input: RegisterBackboneInput,
	architecture: Architecture,
	runId: string,
): Promise<Origin | InvalidInput | NotFound> {
	const [run] = isId(runId) ? await findRuns(database, [runId]) : [];
	if (run === undefined) return notFound('run', runId);
	if (run.status !== 'SUCCEEDED')
		return invalidInput('fromRunId', `The run is ${run.status}; a backbone comes from a run that has SUCCEEDED.`);
	const trained = run.spec?.backbone;
	if (trained === undefined)
		return invalidInput(
			'fromRunId',
			'This run was trained by a script, which says nothing of layers: upload its weights and give weightsDigest.',
		);
	if (trained.architecture !== architecture.name)
		return invalidInput(
			'architecture',
			`The run trained the architecture ${trained.architecture}, not ${architecture.name}.`,
		);
	if (input.inputShape !== null && canonicalJson(input.inputShape) !== canonicalJson(trained.input.shape))
		return invalidInput('inputShape', `The run was trained on inputs of shape ${canonicalJson(trained.input.shape)}.`);
	const files = (await findArtifactsByRuns(database, [runId])).filter(({ kind }) => kind === CHECKPOINT_KIND);
	const checkpoint = files.at(-1);
	if (checkpoint === undefined)
		return invalidInput('fromRunId', 'The run has left no checkpoint, so there are no weights to reuse.');
	const shape = trained.input.shape ?? input.inputShape ?? architecture.defaultInput;
	const { preprocessing, tokenizer } = trained.input;
	return { weightsDigest: checkpoint.digest, pretrainedOnId: run.datasetId, shape, preprocessing, tokenizer };
}

async function refuseFile(
	{ artifactStore }: Context,
	field: 'weightsDigest' | 'tokenizerDigest',
	digest: string | null,
): Promise<InvalidInput | null> {
	if (digest === null) return null;
	if (!DIGEST.test(digest))
		return invalidInput(field, 'A digest is the sha256 of the file, 64 hexadecimal digits in lower case.');
	if ((await artifactStore.size(digest)) !== null) return null;
	return invalidInput(
		field,
		'The artifact store does not hold this file. Upload it first (beginUpload, finishUpload).',
	);
}

function summarized(architecture: Architecture, shape: readonly number[]) {
	try {
		return summarizeBackbone(architecture, shape);
	} catch (error) {
		if (error instanceof GraftError && error.code === 'DATA') return invalidInput('inputShape', error.message);
		throw error;
	}
}
