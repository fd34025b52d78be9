import type { Session } from '@graft/database/connection';
import { findExperiment, findExperiments, holdExperiment, insertExperiment } from '@graft/database/experiment';
import { type InvalidInput, invalidInput, type NotFound, notFound } from '@graft/domain/error';
import { newId } from '@graft/runtime/id';
import { refuseExperiment } from '../catalogue/create-experiment.js';
import type { Context } from '../context/context.js';
import { onlyIds } from '../context/storable.js';
import type { ExperimentOfLaunch } from '../contract/inputs.js';

/** Where the runs of a launch belong: an experiment that is there, or one that is made with them, or not at all. */
export interface LaunchPlace {
	readonly experimentId: string;
	/** To be called first in the launch's own transaction. */
	readonly make: (session: Session) => Promise<InvalidInput | null>;
}

/** The experiment of a launch. A new one is only checked here: a launch that is refused leaves none behind. */
export async function placeOf(
	{ database }: Context,
	{ experimentId, newExperiment = null }: ExperimentOfLaunch,
): Promise<LaunchPlace | InvalidInput | NotFound> {
	if ((experimentId === null) === (newExperiment === null))
		return invalidInput('experimentId', 'Give experimentId, or newExperiment to make one: one of the two.');
	if (newExperiment === null) {
		const id = experimentId ?? '';
		const [found] = await findExperiments(database, onlyIds([id]));
		if (found === undefined) return notFound('experiment', id);
		const deleted = invalidInput('experimentId', `${found.name} is in the trash. Restore it first.`, 'DELETED');
		return { experimentId: found.id, make: async (session) => ((await holdExperiment(session, id)) ? null : deleted) };
	}
	const refused = refuseExperiment(newExperiment);
	if (refused !== null) return { ...refused, field: `newExperiment.${refused.field}` };
	const { name } = newExperiment;
	const text = `There is an experiment called ${name} already, in use or in the trash.`;
	const taken = invalidInput('newExperiment.name', text, 'NAME_TAKEN');
	if ((await findExperiment(database, { name })) !== null) return taken;
	const id = newId();
	return {
		experimentId: id,
		make: async (session) => ((await insertExperiment(session, { id, ...newExperiment })).id === id ? null : taken),
	};
}
