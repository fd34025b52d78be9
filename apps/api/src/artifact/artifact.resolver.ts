import type { Artifact } from '@graft/domain/artifact';
import type { CommitArtifactInput, UploadPart } from '@graft/engine';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../context/api-context.js';
import { ArtifactInputType, UploadInputType } from './artifact.inputs.js';
import {
	ArtifactType,
	BeginArtifactResult,
	BeginUploadResult,
	CommitArtifactResult,
	FinishUploadResult,
	type UploadPartType,
} from './artifact.type.js';

@Resolver(() => ArtifactType)
export class ArtifactResolver {
	@Mutation(() => BeginArtifactResult)
	async beginArtifact(
		@Ctx() { engine, baseUrl }: ApiContext,
		@Arg('input', () => ArtifactInputType) input: ArtifactInputType,
	) {
		const result = await engine.beginArtifact({ ...announced(input), partDigests: input.partDigests ?? null });
		return result.kind === 'ArtifactBegun' ? { ...result, parts: partsOf(result.parts, baseUrl) } : result;
	}

	@Mutation(() => BeginUploadResult, {
		description: 'Announces bytes that belong to no run: weights and tokenizers for registerBackbone.',
	})
	async beginUpload(
		@Ctx() { engine, baseUrl }: ApiContext,
		@Arg('input', () => UploadInputType) { digest, bytes, partDigests = null }: UploadInputType,
	) {
		const result = await engine.beginUpload({ digest, bytes, partDigests });
		return result.kind === 'UploadBegun' ? { ...result, parts: partsOf(result.parts, baseUrl) } : result;
	}

	@Mutation(() => FinishUploadResult, {
		description:
			'All parts were sent: the store checks the bytes against their sha256 and holds them from here on. Of a large file that takes seconds.',
	})
	async finishUpload(
		@Ctx() { engine }: ApiContext,
		@Arg('input', () => UploadInputType) { digest, bytes }: UploadInputType,
	) {
		const result = await engine.finishUpload({ digest, bytes });
		return result.kind === 'UploadFinished' ? { ...result, digest } : result;
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

/** A store outside this process gives whole URLs, which stay as they are. */
const partsOf = (parts: readonly UploadPart[] | null, baseUrl: string): readonly UploadPartType[] | null =>
	parts?.map((part) => ({
		...part,
		url: new URL(part.url, `${baseUrl}/`).href,
		headers: Object.entries(part.headers).map(([name, value]) => ({ name, value })),
	})) ?? null;

/** An artifact's own `kind` is free text, so that it cannot tell an artifact from a refusal; its digest can. */
function isArtifact(result: object): result is Artifact {
	return 'digest' in result;
}

const announced = (input: ArtifactInputType): CommitArtifactInput => ({ ...input, step: input.step ?? null });
