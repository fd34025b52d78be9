import type { Artifact } from '@graft/domain/artifact';
import type { BeginArtifactInput } from '@graft/engine';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../context/api-context.js';
import { ArtifactInputType, UploadInputType } from './artifact.inputs.js';
import { ArtifactType, BeginArtifactResult, BeginUploadResult, CommitArtifactResult } from './artifact.type.js';

@Resolver(() => ArtifactType)
export class ArtifactResolver {
	@Mutation(() => BeginArtifactResult)
	async beginArtifact(
		@Ctx() { engine, baseUrl }: ApiContext,
		@Arg('input', () => ArtifactInputType) input: ArtifactInputType,
	) {
		const result = await engine.beginArtifact(announced(input));
		if (result.kind !== 'ArtifactBegun') return result;
		return { kind: result.kind, uploadUrl: urlOf(result.uploadPath, baseUrl) };
	}

	@Mutation(() => BeginUploadResult, {
		description: 'Announces bytes that belong to no run: weights and tokenizers for registerBackbone.',
	})
	async beginUpload(
		@Ctx() { engine, baseUrl }: ApiContext,
		@Arg('input', () => UploadInputType) { digest, bytes }: UploadInputType,
	) {
		const result = await engine.beginUpload({ digest, bytes });
		if (result.kind !== 'UploadBegun') return result;
		return { kind: result.kind, uploadUrl: urlOf(result.uploadPath, baseUrl) };
	}

	@Mutation(() => CommitArtifactResult)
	async commitArtifact(@Ctx() { engine }: ApiContext, @Arg('input', () => ArtifactInputType) input: ArtifactInputType) {
		const result = await engine.commitArtifact(announced(input));
		return isArtifact(result) ? { kind: 'ArtifactCommitted', artifact: result } : result;
	}

	@FieldResolver(() => String)
	downloadUrl(@Root() { digest, name }: Artifact, @Ctx() { baseUrl }: ApiContext): string {
		return `${baseUrl}/artifacts/${digest}?name=${encodeURIComponent(name)}`;
	}
}

/** A store outside this process gives a whole URL, which stays as it is. */
const urlOf = (path: string | null, baseUrl: string): string | null =>
	path === null ? null : new URL(path, `${baseUrl}/`).href;

/** An artifact's own `kind` is free text, so that it cannot tell an artifact from a refusal; its digest can. */
function isArtifact(result: object): result is Artifact {
	return 'digest' in result;
}

const announced = (input: ArtifactInputType): BeginArtifactInput => ({ ...input, step: input.step ?? null });
