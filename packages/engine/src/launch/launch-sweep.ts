import { insertRuns, type NewRun } from '@graft/database/run';
import { findSweep, insertSweep } from '@graft/database/sweep';
import type { Backbone } from '@graft/domain/backbone';
import type { Dataset } from '@graft/domain/dataset';
import {
	GraftError,
	type InvalidInput,
	invalidInput,
	type NotFound,
	type TooLarge,
	tooLarge,
} from '@graft/domain/error';
import { canonicalJson, type JsonObject } from '@graft/domain/json';
import type { StrategyInput } from '@graft/domain/strategy';
import { applyOverrides, nextTrials, parseSweepSpace, type Sweep, type TrialOverrides } from '@graft/domain/sweep';
import { parseRequirements, type RunRequirements } from '@graft/domain/worker';
import { newId } from '@graft/runtime/id';
import type { Context } from '../context/context.js';
import { refuseName, refuseUnstorable } from '../context/storable.js';
import { topics, topicsOfRuns } from '../context/topics.js';
import type { LaunchComparisonInput, LaunchSweepInput } from '../contract/inputs.js';
import { findNouns, INT32, refusePlace, type SettingsField, settingsOf } from './launch-comparison.js';
import { placeOf } from './launch-experiment.js';
import { newRun } from './new-run.js';
import { plannedOn, planStrategy, refuseTraining, specOf } from './plan-spec.js';
import { refusePair } from './refuse-pair.js';
import { refuseMissingTarget, refuseTarget } from './target.js';
import { refuseNumber } from './whole-number.js';

/**
 * Stores the sweep and queues its trials. Grid and random search do not learn from results, so the whole budget is queued
 * at once, and every trial is checked before the first one is stored.
 */
export async function launchSweep(
	context: Context,
	input: LaunchSweepInput,
): Promise<Sweep | InvalidInput | NotFound | TooLarge> {
	const { base } = input;
	const refused = refuseSweep(input) ?? refusePlace(base);
	if (refused !== null) return refused;
	const space = parseSweepSpace(input.space, input.method);
	if ('kind' in space) return space;
	const requires = parseRequirements(base.requires ?? null, 'base.requires');
	if ('kind' in requires) return requires;
	const at = await placeOf(context, input);
	if ('kind' in at) return at;
	const { experimentId } = at;
	const sweep = {
		id: newId(),
		experimentId,
		name: input.name,
		status: 'RUNNING',
		method: input.method,
		space,
		budget: { trials: input.trials },
		base: toJson(base),
		seed: input.seed,
	};
	const limit = context.settings.runsPerLaunch;
	// One more than may be is enough to know: a space may have more combinations than memory has room for.
	const trials = nextTrials(sweep, 0, limit + 1);
	if (trials.length * base.seeds.length > limit)
		return tooLarge(`This sweep would be more than ${limit} runs, which is what one launch makes at the most.`, limit);
	const { backboneId, datasetId, targetDatasetId } = base;
	const nouns = { backboneIds: [backboneId], datasetIds: [datasetId], targetDatasetId };
	const found = await findNouns(context, nouns);
	if ('kind' in found) return found;
	const [[backbone], [dataset]] = [found.backbones, found.datasets];
	if (backbone === undefined || dataset === undefined) throw new GraftError('BUG', 'findNouns left out what it found');
	const runs: NewRun[] = [];
	for (const [index, trial] of trials.entries()) {
		const planned = runsOfTrial(sweep, index, trial, { backbone, dataset, target: found.target }, base, requires);
		if ('kind' in planned) return planned;
		runs.push(...planned);
	}
	const stored = await context.database.transaction(async (session) => {
		const taken = await at.make(session);
		if (taken !== null) return taken;
		await insertSweep(session, sweep);
		return { runs: await insertRuns(session, runs), sweep: await findSweep(session, sweep.id) };
	});
	if ('kind' in stored) return stored;
	if (stored.sweep === null) throw new GraftError('BUG', 'a sweep vanished in its own transaction');
	context.announce([...topicsOfRuns(stored.runs), topics.queue]);
	return stored.sweep;
}

function refuseSweep({ name, trials, seed, base, space }: LaunchSweepInput): InvalidInput | null {
	if (base.seeds.length === 0) return invalidInput('base.seeds', 'base.seeds is empty: a trial needs one at least.');
	if (new Set(base.seeds).size < base.seeds.length) return invalidInput('base.seeds', 'A seed is given twice.');
	return (
		refuseName(name) ??
		refuseUnstorable({ space, base }) ??
		refuseNumber('trials', trials, 1, INT32) ??
		refuseNumber('seed', seed, 0, INT32)
	);
}

/** One run for each seed of a trial, or why the trial's values cannot be carried out. */
function runsOfTrial(
	sweep: Pick<Sweep, 'id' | 'experimentId' | 'base'>,
	index: number,
	trial: TrialOverrides,
	{ backbone, dataset, target }: { backbone: Backbone; dataset: Dataset; target: Dataset | null },
	base: LaunchSweepInput['base'],
	requires: RunRequirements,
): NewRun[] | InvalidInput {
	const values = Object.entries(trial).map(([path, value]) => `${path} = ${textOf(value)}`);
	const because = (refusal: InvalidInput): InvalidInput => ({
		...refusal,
		message: `Trial ${index + 1} (${values.join(', ')}) cannot be carried out. ${refusal.message}`,
	});
	const launch = applyOverrides(sweep.base, trial);
	if (isInvalid(launch)) return because(launch);
	const { strategy, ...given } = launch as unknown as Launch;
	const settings = settingsOf(given);
	if ('kind' in settings) return because(settings);
	const refused = refusePair(backbone, dataset, settings) ?? (target && refuseTarget(backbone, dataset, target));
	if (refused !== null) return because(refused);
	const asked = { ...settings, ...plannedOn(dataset) };
	const planned = planStrategy(backbone, strategy, 'base.strategy', asked);
	if ('kind' in planned) return because(planned);
	const unsuited = refuseTraining(dataset, planned.plan, settings);
	if (unsuited !== null) return because(unsuited);
	const untargeted = refuseMissingTarget(planned.strategy, target, 'base.strategy');
	if (untargeted !== null) return because(untargeted);
	const label = Object.entries(trial).map(([path, value]) => `${path.split('.').at(-1)} ${textOf(value)}`);
	const { experimentId, id: sweepId } = sweep;
	const place = { experimentId, sweepId, priority: base.priority, requires, tags: base.tags };
	return base.seeds.map((seed) =>
		newRun(specOf(backbone, { dataset, target }, planned, settings, seed), {
			...place,
			label: label.join(' · '),
			extra: { trial: index + 1 },
		}),
	);
}

type Launch = Pick<LaunchComparisonInput, SettingsField> & {
	readonly strategy: StrategyInput;
};

function isInvalid(value: JsonObject | InvalidInput): value is InvalidInput {
	return value.kind === 'InvalidInput';
}

/** Four digits are enough for a name; the config has all of them. */
const textOf = (value: unknown): string =>
	typeof value === 'number' && !Number.isInteger(value)
		? String(Number(value.toPrecision(4)))
		: typeof value === 'string'
			? value
			: canonicalJson(value);

/** Without the fields that were not given, as it is stored. */
const toJson = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;
