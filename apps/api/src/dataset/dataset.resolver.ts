import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { ApiContext } from '../context/api-context.js';
import { connection, pageRequest } from '../page/connection.js';
import { jsonObject } from '../schema/json-input.js';
import { RegisterDatasetInputType } from './dataset.inputs.js';
import { DatasetConnectionType, DatasetType, RegisterDatasetResult } from './dataset.type.js';

@Resolver(() => DatasetType)
export class DatasetResolver {
	@Query(() => DatasetType, { nullable: true })
	dataset(
		@Ctx() { engine }: ApiContext,
		@Arg('id', () => ID, { nullable: true }) id?: string | null,
		@Arg('name', () => String, { nullable: true }) name?: string | null,
	): Promise<DatasetType | null> {
		return engine.dataset({ id: id ?? undefined, name: name ?? undefined });
	}

	@Query(() => DatasetConnectionType)
	async datasets(
		@Ctx() { engine }: ApiContext,
		@Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
		@Arg('after', () => String, { nullable: true }) after?: string | null,
	) {
		return connection<DatasetType>(await engine.datasets(pageRequest(first, after)));
	}

	@Mutation(() => RegisterDatasetResult)
	async registerDataset(
		@Ctx() { engine }: ApiContext,
		@Arg('input', () => RegisterDatasetInputType) input: RegisterDatasetInputType,
	) {
		const result = await engine.registerDataset({
			name: input.name,
			version: input.version,
			modality: input.modality,
			task: input.task,
			classes: input.classes ?? null,
			splits: input.splits.map(({ name, examples, classCounts }) => ({
				name,
				examples,
				classCounts: classCounts ?? null,
			})),
			inputShape: input.inputShape ?? null,
			uri: input.uri,
			format: input.format,
			options: jsonObject(input.options ?? {}, 'input.options'),
			attribution: input.attribution ?? null,
			statistics: input.statistics ?? null,
		});
		return 'kind' in result ? result : { kind: 'DatasetRegistered', dataset: result };
	}
}
