import { beginAttempt } from '@graft/database/attempt';
import { findBackbones } from '@graft/database/backbone';
import { findDatasets } from '@graft/database/dataset';
import { insertRunEvent } from '@graft/database/event';
import { findExperiments } from '@graft/database/experiment';
import { insertRuns, NOW, updateRun } from '@graft/database/run';
import { invalidInput, notFound } from '@graft/domain/error';
import { parseStrategy, strategyLabel } from '@graft/domain/strategy';
import { newId } from '@graft/runtime/id';
import type { Context } from '../context/context.js';
import { onlyIds, refuseName, refuseUnstorable } from '../context/storable.js';
import { topicsOfRuns } from '../context/topics.js';
import type { Engine } from '../contract/engine.js';
import type { CreateRunInput } from '../contract/inputs.js';
import { hashToken, newToken } from '../lease/token.js';
import { INT32 } from './launch-comparison.js';
import { refuseTags } from './tags.js';
import { refuseNumber } from './whole-number.js';

/** A run that a script trains by itself: it is never queued, and the script holds its lease from the start. */
export async function createRun(context: Context, input: CreateRunInput): ReturnType<Engine['createRun']> {
	const { experimentId, backboneId, datasetId, seed, tags, config } = input;
	const refused =
		(input.name === null ? null : refuseName(input.name)) ??
		refuseUnstorable({ config }) ??
		(seed === null ? null : refuseNumber('seed', seed, 0, INT32)) ??
		refuseTags(tags, 'tags');
	if (refused !== null) return refused;
	const [experiment] = await findExperiments(context.database, onlyIds([experimentId]));
	if (experiment === undefined) return notFound('experiment', experimentId);
	if (experiment.deletedAt !== null)
		return invalidInput('experimentId', `${experiment.name} is in the trash. Restore it first.`, 'DELETED');
	const [backbone] = await findBackbones(context.database, onlyIds([backboneId ?? '']));
	if (backboneId !== null && backbone === undefined) return notFound('backbone', backboneId);
	const [dataset] = await findDatasets(context.database, onlyIds([datasetId ?? '']));
	if (datasetId !== null && dataset === undefined) return notFound('dataset', datasetId);
	if (input.strategy !== null && backbone === undefined)
		return invalidInput('backboneId', 'A strategy speaks of the layer groups of a backbone: name it in backboneId.');
	const strategy =
		input.strategy === null || backbone === undefined
			? null
			: parseStrategy(input.strategy, backbone.layerGroups, 'strategy');
	if (strategy !== null && 'field' in strategy) return strategy;

	const label = strategy === null ? 'run' : strategyLabel(strategy);
	const name = input.name ?? (seed === null ? label : `${label} · seed ${seed}`);
	const token = newToken();
	const leaseSeconds = context.settings.lease.scriptLeaseSeconds;
	const { run, expiresAt } = await context.database.transaction(async (session) => {
		const id = newId();
		const links = { experimentId, sweepId: null, backboneId, datasetId };
		const rest = { strategy, freezePlan: null, spec: null, config, seed, tags, priority: 0, requires: {} };
		await insertRuns(session, [{ id, name, status: 'QUEUED', ...links, ...rest }]);
		const attempt = { runId: id, number: 1, workerId: null, tokenHash: hashToken(token) };
		const until = await beginAttempt(session, { ...attempt, leaseSeconds, resumedFromStep: null });
		await insertRunEvent(session, { runId: id, attempt: 1, kind: 'CREATED', message: 'A script created this run.' });
		return { run: await updateRun(session, id, { status: 'RUNNING', attempts: 1, startedAt: NOW }), expiresAt: until };
	});
	context.announce(topicsOfRuns([run]));
	return { kind: 'RunCreated', run, lease: { runId: run.id, token, attempt: 1, expiresAt } };
}
