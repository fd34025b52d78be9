import type { Direction } from '@graft/domain/experiment';
import type { Json } from '@graft/domain/json';
import { Field, ID, InputType, Int } from 'type-graphql';
import { JsonScalar } from '../scalar/json.js';
import { DirectionEnum } from '../schema/enums.js';
import { StrategyInputType } from '../strategy/strategy.inputs.js';
import { RequirementsInputType } from '../worker/worker.inputs.js';

@InputType('CreateExperimentInput')
export class CreateExperimentInputType {
	@Field(() => String) readonly name: string;
	@Field(() => String, { nullable: true }) readonly description?: string | null;
	@Field(() => String) readonly metric: string;
	@Field(() => DirectionEnum, { nullable: true, defaultValue: DirectionEnum.MAXIMIZE })
	readonly direction?: Direction | null;
}

export const newExperimentOf = ({ name, description, metric, direction }: CreateExperimentInputType) => ({
	name,
	description: description ?? null,
	metric,
	direction: direction ?? ('MAXIMIZE' as const),
});

/** The experiment of a launch, as the engine takes it. */
export const experimentOf = (input: {
	readonly experimentId?: string | null;
	readonly newExperiment?: CreateExperimentInputType | null;
}) => ({
	experimentId: input.experimentId ?? null,
	newExperiment: input.newExperiment == null ? null : newExperimentOf(input.newExperiment),
});

@InputType('LaunchComparisonInput')
export class LaunchComparisonInputType {
	@Field(() => ID, { nullable: true }) readonly experimentId?: string | null;
	@Field(() => CreateExperimentInputType, {
		nullable: true,
		description: 'Instead of experimentId: made with the launch, and not at all where that is refused.',
	})
	readonly newExperiment?: CreateExperimentInputType | null;
	@Field(() => [ID]) readonly backboneIds: readonly string[];
	@Field(() => [ID]) readonly datasetIds: readonly string[];
	@Field(() => ID, {
		nullable: true,
		description:
			'Unlabelled data that ADABN, DEEP_CORAL, MMD and DANN adapt to. All runs are judged on its test split at the end (target_test_accuracy), where its classes are those of the dataset.',
	})
	readonly targetDatasetId?: string | null;
	@Field(() => [StrategyInputType]) readonly strategies: readonly StrategyInputType[];
	@Field(() => [Int]) readonly seeds: readonly number[];
	@Field(() => JsonScalar, {
		nullable: true,
		description:
			'{pooling: average|max|flatten, inputDropout, hidden: [units | {units, activation: relu|tanh|gelu|linear, dropout}], dropout, loss: mse|mae for a regression}; the default is average pooling and one dense layer. That of a language model is {tied: true|false}: scored by the embeddings, or by a table of its own; where it is missing, the strategy decides.',
	})
	readonly head?: Json;
	@Field(() => Int) readonly epochs: number;
	@Field(() => Int) readonly batchSize: number;
	@Field(() => JsonScalar, {
		nullable: true,
		description:
			"{kind: adam|adamw, beta1, beta2, epsilon}, {kind: sgd, momentum, nesterov} or {kind: rmsprop, rho, momentum, epsilon}, each with convention: keras|torch; the default is Keras' Adam.",
	})
	readonly optimizer?: Json;
	@Field(() => JsonScalar, {
		nullable: true,
		description:
			'{schedule: {kind: constant|linear|cosine|one-cycle|slanted-triangular|reduce-on-plateau, …}, weightDecay, gradientClip, labelSmoothing, classWeights: balanced | {class: weight}, ema: {decay, warmUp: none|timm|tensorflow}, mixup: alpha, earlyStopping: {monitor, patience, minDelta, startEpoch, phases}, augmentation: {flip: none|horizontal|vertical|both, shift, rotation, zoom, brightness, crop, fill: reflect|nearest|wrap|constant, fillValue, copies}, keepBest: true|false}; each may be missing.',
	})
	readonly training?: Json;
	@Field(() => Int, { nullable: true }) readonly trainExamplesPerClass?: number | null;
	@Field(() => Int, { nullable: true, defaultValue: 0 }) readonly priority?: number | null;
	@Field(() => RequirementsInputType, { nullable: true }) readonly requires?: RequirementsInputType | null;
	@Field(() => [String], { nullable: true }) readonly tags?: readonly string[] | null;
}
