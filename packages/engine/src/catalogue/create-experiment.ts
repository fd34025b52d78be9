import { insertExperiment } from '@graft/database/experiment';
import { type Conflict, conflict, type InvalidInput, invalidInput } from '@graft/domain/error';
import type { Experiment } from '@graft/domain/experiment';
import { METRIC_LIMITS } from '@graft/domain/metric';
import { newId } from '@graft/runtime/id';
import type { Context } from '../context/context.js';
import { refuseName, refuseUnstorable } from '../context/storable.js';
import type { CreateExperimentInput } from '../contract/inputs.js';

export async function createExperiment(
	context: Context,
	input: CreateExperimentInput,
): Promise<Experiment | InvalidInput | Conflict> {
	const refused = refuseExperiment(input);
	if (refused !== null) return refused;
	const id = newId();
	const stored = await insertExperiment(context.database, { id, ...input });
	if (stored.id !== id)
		return conflict(
			`There is an experiment called ${input.name} already, in use or in the trash. Choose another name.`,
			'NAME_TAKEN',
		);
	return stored;
}

export function refuseExperiment({ name, description, metric }: CreateExperimentInput): InvalidInput | null {
	const refused = refuseName(name) ?? refuseUnstorable({ description, metric });
	if (refused !== null) return refused;
	if (metric.trim() === '' || metric.length > METRIC_LIMITS.keyLength)
		return invalidInput('metric', 'Name the metric that decides, such as test_accuracy.');
	return null;
}
