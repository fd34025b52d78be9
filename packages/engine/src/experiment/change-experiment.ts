import { findExperiment, lockExperiment, lockTrainingRuns, moveExperiment } from '@graft/database/experiment';
import { type Conflict, conflict, type NotFound, notFound } from '@graft/domain/error';
import type { Experiment } from '@graft/domain/experiment';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topics, topicsOfRuns } from '../context/topics.js';

const RUNS_NAMED = 3;

/**
 * Into the trash with all its runs, or back with those that went with it. Nothing is trained in the trash: queued runs are
 * not handed out from there, and an experiment with a run that is being trained is not deleted. Asked again, nothing changes.
 */
export async function changeExperiment(
	context: Context,
	id: string,
	change: 'delete' | 'restore',
): Promise<Experiment | NotFound | Conflict> {
	if (!isId(id)) return notFound('experiment', id);
	const to = change === 'delete' ? 'trash' : 'back';
	const result = await context.database.transaction(async (session) => {
		const found = await lockExperiment(session, id);
		if (found === null) return notFound('experiment', id);
		const isThere = found.isDeleted === (to === 'trash');
		const training = isThere || to === 'back' ? [] : await lockTrainingRuns(session, id);
		if (training.length > 0) {
			const names = training.slice(0, RUNS_NAMED).join(', ');
			const more = training.length > RUNS_NAMED ? ` and ${training.length - RUNS_NAMED} more` : '';
			return conflict(`It has runs that are being trained: ${names}${more}. Cancel them first. Nothing was changed.`);
		}
		const runs = isThere ? [] : await moveExperiment(session, id, to);
		return { runs, experiment: await findExperiment(session, { id }) };
	});
	if ('kind' in result) return result;
	const { runs, experiment } = result;
	const offered = to === 'back' && runs.some(({ status }) => status === 'QUEUED') ? [topics.queue] : [];
	context.announce([...topicsOfRuns(runs), topics.experiment(id), topics.everyRun, ...offered]);
	return experiment ?? notFound('experiment', id);
}
