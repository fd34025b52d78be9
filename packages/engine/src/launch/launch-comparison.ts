import { findBackbones } from '@graft/database/backbone';
import { findDatasets } from '@graft/database/dataset';
import { insertRuns, type NewRun } from '@graft/database/run';
import type { Backbone } from '@graft/domain/backbone';
import type { Dataset } from '@graft/domain/dataset';
import { type InvalidInput, invalidInput, type NotFound, notFound, type TooLarge, tooLarge } from '@graft/domain/error';
import { canonicalJson } from '@graft/domain/json';
import { PLAIN_TRAINING, parseTraining } from '@graft/domain/recipe';
import type { Run } from '@graft/domain/run';
import { strategyKey } from '@graft/domain/strategy';
import { parseRequirements, type RunRequirements } from '@graft/domain/worker';
import type { Context } from '../context/context.js';
import { onlyIds, refuseUnstorable } from '../context/storable.js';
import { topics, topicsOfRuns } from '../context/topics.js';
import type { LaunchComparisonInput } from '../contract/inputs.js';
import { placeOf } from './launch-experiment.js';
import { newRun } from './new-run.js';
import { parseHead } from './parse-head.js';
import { parseOptimizer } from './parse-optimizer.js';
import { plannedOn, planStrategy, refuseSettings, refuseTraining, specOf, type TrainingSettings } from './plan-spec.js';
import { refusePair } from './refuse-pair.js';
import { refuseTags } from './tags.js';
import { refuseMissingTarget, refuseTarget } from './target.js';
import { refuseNumber } from './whole-number.js';

/** The product of backbones, datasets, strategies and seeds becomes queued runs: all of them or none. */
export async function launchComparison(
	context: Context,
	input: LaunchComparisonInput,
): Promise<readonly Run[] | InvalidInput | NotFound | TooLarge> {
	const refused = refuseLists(input) ?? refuseSize(input, context.settings.runsPerLaunch) ?? refusePlace(input);
	if (refused !== null) return refused;
	const settings = settingsOf(input);
	if ('kind' in settings) return settings;
	const requires = parseRequirements(input.requires ?? null, 'requires');
	if ('kind' in requires) return requires;
	const place = await placeOf(context, input);
	if ('kind' in place) return place;
	const found = await findNouns(context, input);
	if ('kind' in found) return found;
	const { experimentId } = place;
	const planned = planRuns({ ...input, experimentId }, found, settings, requires);
	if ('kind' in planned) return planned;
	const runs = await context.database.transaction(
		async (session) => (await place.make(session)) ?? insertRuns(session, planned),
	);
	if ('kind' in runs) return runs;
	context.announce([...topicsOfRuns(runs), topics.queue]);
	return runs;
}

function refuseLists(input: LaunchComparisonInput): InvalidInput | null {
	for (const field of ['backboneIds', 'datasetIds', 'strategies', 'seeds'] as const) {
		const list: readonly unknown[] = input[field];
		if (list.length === 0) return invalidInput(field, `${field} is empty: a comparison needs one at least.`);
		const repeated = list.findIndex((value, index) => typeof value !== 'object' && list.indexOf(value) < index);
		if (repeated >= 0) return invalidInput(`${field}[${repeated}]`, `${String(list[repeated])} is given twice.`);
	}
	return null;
}

function refuseSize(input: LaunchComparisonInput, limit: number): TooLarge | null {
	const { backboneIds, datasetIds, strategies, seeds } = input;
	const size = backboneIds.length * datasetIds.length * strategies.length * seeds.length;
	if (size <= limit) return null;
	return tooLarge(`This comparison would be ${size} runs; one launch makes ${limit} at the most.`, limit);
}

/** Int in GraphQL and integer in Postgres. */
export const INT32 = 2 ** 31 - 1;

export function refusePlace(input: Pick<LaunchComparisonInput, 'seeds' | 'priority' | 'tags'>): InvalidInput | null {
	for (const [index, seed] of input.seeds.entries()) {
		const refused = refuseNumber(`seeds[${index}]`, seed, 0, INT32);
		if (refused !== null) return refused;
	}
	return refuseNumber('priority', input.priority, -INT32, INT32) ?? refuseTags(input.tags, 'tags');
}

export type SettingsField = 'head' | 'optimizer' | 'training' | 'epochs' | 'batchSize' | 'trainExamplesPerClass';

/** The settings that all runs share, checked. */
export function settingsOf(input: Pick<LaunchComparisonInput, SettingsField>): TrainingSettings | InvalidInput {
	const { head: givenHead, optimizer: givenOptimizer, training: givenTraining } = input;
	const { epochs, batchSize, trainExamplesPerClass } = input;
	const refused =
		refuseUnstorable({ head: givenHead, optimizer: givenOptimizer, training: givenTraining ?? null }) ??
		refuseSettings({ epochs, batchSize, trainExamplesPerClass });
	if (refused !== null) return refused;
	const head = parseHead(givenHead);
	if ('field' in head) return head;
	const optimizer = parseOptimizer(givenOptimizer);
	if ('field' in optimizer) return optimizer;
	const training = parseTraining(givenTraining);
	if ('field' in training) return training;
	const isPlain = canonicalJson(training) === canonicalJson(PLAIN_TRAINING);
	return { head, optimizer, epochs, batchSize, trainExamplesPerClass, ...(!isPlain && { training }) };
}

export interface Nouns {
	readonly backbones: readonly Backbone[];
	readonly datasets: readonly Dataset[];
	readonly target: Dataset | null;
}

/** The backbones and datasets of a launch, in the order in which they were named. */
export async function findNouns(
	{ database }: Context,
	input: {
		readonly backboneIds: readonly string[];
		readonly datasetIds: readonly string[];
		readonly targetDatasetId?: string | null;
	},
): Promise<Nouns | NotFound> {
	const targetIds = input.targetDatasetId == null ? [] : [input.targetDatasetId];
	const [backbones, datasets] = await Promise.all([
		findBackbones(database, onlyIds(input.backboneIds)),
		findDatasets(database, onlyIds([...input.datasetIds, ...targetIds])),
	]);
	const missing = <T extends { id: string }>(ids: readonly string[], all: readonly T[]) =>
		ids.find((id) => !all.some((one) => one.id === id));
	const backbone = missing(input.backboneIds, backbones);
	if (backbone !== undefined) return notFound('backbone', backbone);
	const dataset = missing([...input.datasetIds, ...targetIds], datasets);
	if (dataset !== undefined) return notFound('dataset', dataset);
	const ordered = <T extends { id: string }>(ids: readonly string[], all: readonly T[]) =>
		ids.flatMap((id) => all.find((one) => one.id === id) ?? []);
	const [target = null] = ordered(targetIds, datasets);
	return { backbones: ordered(input.backboneIds, backbones), datasets: ordered(input.datasetIds, datasets), target };
}

function planRuns(
	input: LaunchComparisonInput & { readonly experimentId: string },
	{ backbones, datasets, target }: Nouns,
	settings: TrainingSettings,
	requires: RunRequirements,
): NewRun[] | InvalidInput {
	const specs: ((seed: number) => NewRun)[] = [];
	const { experimentId, priority, tags } = input;
	const place = { experimentId, sweepId: null, priority, requires, tags, label: null, extra: {} };
	for (const backbone of backbones) {
		for (const dataset of datasets) {
			const refused = refusePair(backbone, dataset, settings) ?? (target && refuseTarget(backbone, dataset, target));
			if (refused !== null) return refused;
			const asked = { ...settings, ...plannedOn(dataset) };
			const seen = new Map<string, number>();
			for (const [index, strategy] of input.strategies.entries()) {
				const planned = planStrategy(backbone, strategy, `strategies[${index}]`, asked);
				if ('kind' in planned) return planned;
				const untargeted = refuseMissingTarget(planned.strategy, target, `strategies[${index}]`);
				if (untargeted !== null) return untargeted;
				const unsuited = refuseTraining(dataset, planned.plan, settings);
				if (unsuited !== null) return unsuited;
				const same = seen.get(strategyKey(planned.strategy));
				if (same !== undefined)
					return invalidInput(
						`strategies[${index}]`,
						`It is the same as strategies[${same}]: nothing could be compared.`,
					);
				seen.set(strategyKey(planned.strategy), index);
				specs.push((seed) => newRun(specOf(backbone, { dataset, target }, planned, settings, seed), place));
			}
		}
	}
	// Seed by seed, so that every strategy has a first result early.
	return input.seeds.flatMap((seed) => specs.map((runOf) => runOf(seed)));
}
