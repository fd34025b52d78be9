import { Arg, Ctx, ID, Int, Query, Resolver } from 'type-graphql';
import type { ApiContext } from '../context/api-context.js';
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
	) {
		const result = await engine.freezePlan({ backboneId, strategy, classes, epochs });
		return 'kind' in result ? result : { kind: 'FreezePlan', ...result };
	}
}
