import type { RunStatus } from '@graft/domain/run';
import type { StrategyKind } from '@graft/domain/strategy';
import { Field, ID, InputType, Int } from 'type-graphql';
import { JsonScalar } from '../scalar/json.js';
import { RunStatusEnum, SortDirectionEnum, StrategyKindEnum } from '../schema/enums.js';
import { StrategyInputType } from '../strategy/strategy.inputs.js';

@InputType('RunFilter', {
	description:
		'Config keys are addressed as config.optimizer.lr, metrics as metric.val_accuracy.best, and tags as tag.',
})
export class RunFilterInput {
	@Field(() => ID, { nullable: true }) readonly experimentId?: string | null;
	@Field(() => ID, { nullable: true }) readonly sweepId?: string | null;
	@Field(() => [RunStatusEnum], { nullable: true }) readonly status?: readonly RunStatus[] | null;
	@Field(() => [StrategyKindEnum], { nullable: true }) readonly strategy?: readonly StrategyKind[] | null;
	@Field(() => [ID], { nullable: true }) readonly backboneIds?: readonly string[] | null;
	@Field(() => [ID], { nullable: true }) readonly datasetIds?: readonly string[] | null;
	@Field(() => [String], { nullable: true }) readonly tags?: readonly string[] | null;
	@Field(() => String, {
		nullable: true,
		description: 'An expression: `config.batchSize < 64 and metric.val_accuracy.best > 0.9`.',
	})
	readonly where?: string | null;
	@Field(() => Boolean, { nullable: true, description: 'Those in the trash; else all others.' })
	readonly deleted?: boolean | null;
}

@InputType('RunOrder')
export class RunOrderInput {
	@Field(() => String, {
		description:
			'name, status, seed, queuedAt, startedAt, finishedAt, config.<path>, metric.<key>.<best|last|min|max>, or tag: by the first of its tags where the order rises, by the last where it falls. Runs without a value come last.',
	})
	readonly by: string;
	@Field(() => SortDirectionEnum) readonly direction: 'ASC' | 'DESC';
}

@InputType('CreateRunInput')
export class CreateRunInputType {
	@Field(() => ID) readonly experimentId: string;
	@Field(() => String, { nullable: true }) readonly name?: string | null;
	@Field(() => JsonScalar) readonly config: unknown;
	@Field(() => ID, { nullable: true }) readonly backboneId?: string | null;
	@Field(() => ID, { nullable: true }) readonly datasetId?: string | null;
	@Field(() => StrategyInputType, { nullable: true }) readonly strategy?: StrategyInputType | null;
	@Field(() => Int, { nullable: true }) readonly seed?: number | null;
	@Field(() => [String], { nullable: true }) readonly tags?: readonly string[] | null;
}
