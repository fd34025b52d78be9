import type { Task } from '@graft/domain/dataset';
import { Arg, Ctx, ID, Int, Query, Resolver } from 'type-graphql';
import type { ApiContext } from '../context/api-context.js';
import { TaskEnum } from '../schema/enums.js';
import { StrategyInputType } from '../strategy/strategy.inputs.js';
import { FreezePlanResult } from './freeze-plan.type.js';

@Resolver()
export class FreezePlanResolver {
	@Query(() => FreezePlanResult)
	async freezePlan(
		@Ctx() { engine }: ApiContext,
		@Arg('backboneId', () => ID) backboneId: string,
		@Arg('strategy', () => StrategyInputType) strategy: StrategyInputType,
		@Arg('classes', () => Int) classes: number,
		@Arg('epochs', () => Int) epochs: number,
		@Arg('task', () => TaskEnum, {
			defaultValue: 'CLASSIFICATION',
			description:
				"LANGUAGE_MODELING: the head has a unit for each token of the backbone's vocabulary, whatever `classes` says.",
		})
		task: Task,
	) {
		const result = await engine.freezePlan({ backboneId, strategy, classes, epochs, task });
		return 'kind' in result ? result : { kind: 'FreezePlan', ...result };
	}
}
