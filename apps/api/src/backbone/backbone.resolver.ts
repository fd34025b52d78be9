import { ARCHITECTURES } from '@graft/domain/architecture';
import type { Backbone } from '@graft/domain/backbone';
import type { Run } from '@graft/domain/run';
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../context/api-context.js';
import { DatasetType } from '../dataset/dataset.type.js';
import { connection, pageRequest } from '../page/connection.js';
import { RunType } from '../run/run.type.js';
import { architectureNamed, describeArchitecture } from './architecture.js';
import { RegisterBackboneInputType } from './backbone.inputs.js';
import { ArchitectureType, BackboneConnectionType, BackboneType, RegisterBackboneResult } from './backbone.type.js';

@Resolver(() => BackboneType)
export class BackboneResolver {
	@Query(() => [ArchitectureType])
	architectures(): readonly ArchitectureType[] {
		return ARCHITECTURES.map(describeArchitecture);
	}

	@Query(() => BackboneType, { nullable: true })
	backbone(
		@Ctx() { engine }: ApiContext,
		@Arg('id', () => ID, { nullable: true }) id?: string | null,
		@Arg('name', () => String, { nullable: true }) name?: string | null,
	): Promise<BackboneType | null> {
		return engine.backbone({ id: id ?? undefined, name: name ?? undefined });
	}

	@Query(() => BackboneConnectionType)
	async backbones(
		@Ctx() { engine }: ApiContext,
		@Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
		@Arg('after', () => String, { nullable: true }) after?: string | null,
	) {
		return connection<BackboneType>(await engine.backbones(pageRequest(first, after)));
	}

	@Mutation(() => RegisterBackboneResult)
	async registerBackbone(
		@Ctx() { engine }: ApiContext,
		@Arg('input', () => RegisterBackboneInputType) input: RegisterBackboneInputType,
	) {
		const result = await engine.registerBackbone({
			name: input.name,
			architecture: input.architecture,
			inputShape: input.inputShape ?? null,
			fromRunId: input.fromRunId ?? null,
			weightsDigest: input.weightsDigest ?? null,
			tokenizerDigest: input.tokenizerDigest ?? null,
			source: input.source ?? null,
			licence: input.licence ?? null,
		});
		return 'kind' in result ? result : { kind: 'BackboneRegistered', backbone: result };
	}

	@FieldResolver(() => ArchitectureType)
	architecture(@Root() backbone: Backbone): ArchitectureType {
		return architectureNamed(backbone.architecture);
	}

	@FieldResolver(() => DatasetType, { nullable: true })
	pretrainedOn(@Root() { pretrainedOnId }: Backbone, @Ctx() { loaders }: ApiContext): Promise<DatasetType | null> {
		return pretrainedOnId === null ? Promise.resolve(null) : loaders.dataset.load(pretrainedOnId);
	}

	@FieldResolver(() => RunType, { nullable: true, description: 'Lineage: backbone -> run -> backbone.' })
	producedBy(@Root() { producedById }: Backbone, @Ctx() { loaders }: ApiContext): Promise<Run | null> {
		return producedById === null ? Promise.resolve(null) : loaders.run.load(producedById);
	}
}
