import { TASKS } from '@graft/domain/dataset';
import { RUN_STATUSES } from '@graft/domain/run';
import { STRATEGY_KINDS } from '@graft/domain/strategy';
import { registerEnumType } from 'type-graphql';

/** A GraphQL enum from the names that domain spells as string literals. */
function enumOf<Name extends string>(name: string, values: readonly Name[], description?: string) {
	const names = Object.fromEntries(values.map((value) => [value, value])) as { readonly [Key in Name]: Key };
	registerEnumType(names, { name, description });
	return names;
}

export const ModalityEnum = enumOf('Modality', ['IMAGE', 'TABULAR', 'TEXT']);
export const TaskEnum = enumOf(
	'Task',
	TASKS,
	'LANGUAGE_MODELING: the next token is to be foretold, for each token of a text.',
);
export const DirectionEnum = enumOf('Direction', ['MAXIMIZE', 'MINIMIZE']);
export const SortDirectionEnum = enumOf('SortDirection', ['ASC', 'DESC']);
export const RunStatusEnum = enumOf('RunStatus', RUN_STATUSES);
export const FinishOutcomeEnum = enumOf('FinishOutcome', ['CANCELLED', 'FAILED', 'SUCCEEDED']);
export const StrategyKindEnum = enumOf('StrategyKind', STRATEGY_KINDS);
export const BatchNormModeEnum = enumOf('BatchNormMode', [
	'AFFINE_ONLY',
	'FROZEN_STATISTICS',
	'TARGET_STATISTICS',
	'TRAIN_STATISTICS',
]);
export const GroupTrainingEnum = enumOf(
	'GroupTraining',
	['ALL', 'BATCH_NORM_AFFINE', 'BIASES', 'LORA', 'NONE'],
	'Which numbers of a layer group learn; NONE is frozen, LORA learns low-rank updates beside frozen kernels.',
);
export const SummaryPointEnum = enumOf('SummaryPoint', ['BEST', 'LAST', 'MAX', 'MIN']);
export const XAxisEnum = enumOf('XAxis', ['COMPUTE', 'EPOCH', 'EXAMPLES', 'STEP', 'WALL_TIME']);
export const SweepMethodEnum = enumOf('SweepMethod', ['GRID', 'RANDOM']);
export const SweepStatusEnum = enumOf('SweepStatus', ['FINISHED', 'PAUSED', 'RUNNING', 'STOPPED']);
export const VerdictKindEnum = enumOf('VerdictKind', ['BETTER', 'EQUIVALENT', 'INCONCLUSIVE', 'WORSE']);
export const WorkerStatusEnum = enumOf('WorkerStatus', ['ONLINE', 'SILENT']);
export const WorkerCommandKindEnum = enumOf('WorkerCommandKind', [
	'CANCEL_RUN',
	'DRAIN',
	'PAUSE_RUN',
	'WORK_AVAILABLE',
]);
