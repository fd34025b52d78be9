import type { Json } from '@graft/domain/json';
import type { SweepMethod } from '@graft/domain/sweep';
import { Field, ID, InputType, Int } from 'type-graphql';
import { CreateExperimentInputType } from '../experiment/experiment.inputs.js';
import { JsonScalar } from '../scalar/json.js';
import { SweepMethodEnum } from '../schema/enums.js';
import { StrategyInputType } from '../strategy/strategy.inputs.js';
import { RequirementsInputType } from '../worker/worker.inputs.js';

@InputType('SweepBaseInput')
export class SweepBaseInputType {
	@Field(() => ID) readonly backboneId: string;
	@Field(() => ID) readonly datasetId: string;
	@Field(() => ID, { nullable: true, description: 'As in LaunchComparisonInput.' })
	readonly targetDatasetId?: string | null;
	@Field(() => StrategyInputType) readonly strategy: StrategyInputType;
	@Field(() => [Int]) readonly seeds: readonly number[];
	@Field(() => JsonScalar, { nullable: true }) readonly head?: Json;
	@Field(() => Int) readonly epochs: number;
	@Field(() => Int) readonly batchSize: number;
	@Field(() => JsonScalar, { nullable: true }) readonly optimizer?: Json;
	@Field(() => JsonScalar, { nullable: true }) readonly training?: Json;
	@Field(() => Int, { nullable: true }) readonly trainExamplesPerClass?: number | null;
	@Field(() => Int, { nullable: true, defaultValue: 0 }) readonly priority?: number | null;
	@Field(() => RequirementsInputType, { nullable: true }) readonly requires?: RequirementsInputType | null;
	@Field(() => [String], { nullable: true }) readonly tags?: readonly string[] | null;
}

@InputType('LaunchSweepInput')
export class LaunchSweepInputType {
	@Field(() => ID, { nullable: true }) readonly experimentId?: string | null;
	@Field(() => CreateExperimentInputType, {
		nullable: true,
		description: 'Instead of experimentId: made with the launch, and not at all where that is refused.',
	})
	readonly newExperiment?: CreateExperimentInputType | null;
	@Field(() => String) readonly name: string;
	@Field(() => SweepMethodEnum) readonly method: SweepMethod;
	@Field(() => JsonScalar, {
		description:
			'By field path: {"strategy.unfreezeFrom": {"values": ["block2", "block3"]}, "strategy.learningRate": {"min": 1e-4, "max": 1e-1, "scale": "log"}}.',
	})
	readonly space: Json;
	@Field(() => Int, {
		description: 'Trials at the most; a trial is one set of values, run once for each seed of the base.',
	})
	readonly trials: number;
	@Field(() => Int, { nullable: true, defaultValue: 0 }) readonly seed?: number | null;
	@Field(() => SweepBaseInputType) readonly base: SweepBaseInputType;
}
