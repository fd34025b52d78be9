import type { ComparisonGroup } from '@graft/domain/comparison';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { BackboneType } from '../backbone/backbone.type.js';
import type { ApiContext } from '../context/api-context.js';
import { DatasetType } from '../dataset/dataset.type.js';
import { ComparisonGroupType } from './comparison.type.js';

@Resolver(() => ComparisonGroupType)
export class ComparisonGroupResolver {
	@FieldResolver(() => BackboneType, { nullable: true })
	backbone(@Root() { backboneId }: ComparisonGroup, @Ctx() { loaders }: ApiContext): Promise<BackboneType | null> {
		return backboneId === null ? Promise.resolve(null) : loaders.backbone.load(backboneId);
	}

	@FieldResolver(() => DatasetType, { nullable: true })
	dataset(@Root() { datasetId }: ComparisonGroup, @Ctx() { loaders }: ApiContext): Promise<DatasetType | null> {
		return datasetId === null ? Promise.resolve(null) : loaders.dataset.load(datasetId);
	}
}
