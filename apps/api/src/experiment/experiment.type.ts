import type { Direction, Experiment } from '@graft/domain/experiment';
import type { Run, RunStatus } from '@graft/domain/run';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { resultUnion } from '../error/result-union.js';
import { ConflictType, InvalidInputType, NotFoundType, TooLargeType } from '../error/user-error.type.js';
import { connectionType } from '../page/page.type.js';
import { RunType } from '../run/run.type.js';
import { DateTime } from '../scalar/date-time.js';
import { DirectionEnum, RunStatusEnum } from '../schema/enums.js';

@ObjectType('StatusCount')
export class StatusCountType {
	@Field(() => RunStatusEnum) readonly status: RunStatus;
	@Field(() => Int) readonly count: number;
}

@ObjectType('Experiment', {
	description: 'A question: which strategy, on which backbone, for this data? Runs are its evidence.',
})
export class ExperimentType {
	@Field(() => ID) readonly id: string;
	@Field(() => String) readonly name: string;
	@Field(() => String, { nullable: true }) readonly description: string | null;
	@Field(() => String) readonly metric: string;
	@Field(() => DirectionEnum) readonly direction: Direction;
	@Field(() => DateTime) readonly createdAt: Date;
	@Field(() => DateTime, { nullable: true, description: 'In the trash since then.' }) readonly deletedAt: Date | null;
}

export const ExperimentConnectionType = connectionType('Experiment', () => ExperimentType);

@ObjectType('ExperimentCreated')
export class ExperimentCreatedType {
	@Field(() => ExperimentType) readonly experiment: Experiment;
}

export const CreateExperimentResult = resultUnion(
	'CreateExperimentResult',
	ExperimentCreatedType,
	InvalidInputType,
	ConflictType,
);

@ObjectType('ExperimentChanged')
export class ExperimentChangedType {
	@Field(() => ExperimentType) readonly experiment: Experiment;
}

export const ChangeExperimentResult = resultUnion(
	'ChangeExperimentResult',
	ExperimentChangedType,
	NotFoundType,
	ConflictType,
);

@ObjectType('ComparisonLaunched')
export class ComparisonLaunchedType {
	@Field(() => [RunType]) readonly runs: readonly Run[];
}

export const LaunchComparisonResult = resultUnion(
	'LaunchComparisonResult',
	ComparisonLaunchedType,
	InvalidInputType,
	NotFoundType,
	TooLargeType,
);
