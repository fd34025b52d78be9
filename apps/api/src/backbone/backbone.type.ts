import type { Backbone, Modality } from '@graft/domain/backbone';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { resultUnion } from '../error/result-union.js';
import { ConflictType, InvalidInputType, NotFoundType } from '../error/user-error.type.js';
import { connectionType } from '../page/page.type.js';
import { DateTime } from '../scalar/date-time.js';
import { ModalityEnum } from '../schema/enums.js';

@ObjectType('InputSpec')
export class InputSpecType {
	@Field(() => [Int], { nullable: true }) readonly shape: readonly number[] | null;
	@Field(() => String, { nullable: true }) readonly preprocessing: string | null;
	@Field(() => String, { nullable: true, description: 'Digest of the tokenizer.json: GET /artifacts/<digest>.' })
	readonly tokenizer: string | null;
	@Field(() => Int, { nullable: true }) readonly maxLength: number | null;
}

@ObjectType('LayerGroup')
export class LayerGroupType {
	@Field(() => String) readonly name: string;
	@Field(() => Int) readonly index: number;
	@Field(() => [String]) readonly layers: readonly string[];
	@Field(() => Int) readonly parameterCount: number;
	@Field(() => Int) readonly trainableCount: number;
	@Field(() => Boolean) readonly hasBatchNorm: boolean;
	@Field(() => Float, { description: 'Multiply-accumulates of one forward pass of one example.' })
	readonly macs: number;
}

@ObjectType('Architecture')
export class ArchitectureType {
	@Field(() => String) readonly name: string;
	@Field(() => String) readonly family: string;
	@Field(() => ModalityEnum) readonly modality: Modality;
	@Field(() => [String]) readonly layerGroups: readonly string[];
	@Field(() => Int) readonly parameterCount: number;
	@Field(() => Boolean) readonly canDownload: boolean;
}

@ObjectType('Backbone', {
	description: 'What is reused: an architecture with weights. Immutable; weights are content-addressed.',
})
export class BackboneType {
	@Field(() => ID) readonly id: string;
	@Field(() => String) readonly name: string;
	@Field(() => ModalityEnum) readonly modality: Modality;
	@Field(() => String, { nullable: true, description: 'sha256; null = random initialisation' })
	readonly weightsDigest: string | null;
	@Field(() => String, { nullable: true }) readonly source: string | null;
	@Field(() => String, { nullable: true }) readonly licence: string | null;
	@Field(() => Int) readonly parameterCount: number;
	@Field(() => [LayerGroupType], { description: 'Ordered stem -> top: the freeze points.' })
	readonly layerGroups: readonly LayerGroupType[];
	@Field(() => InputSpecType) readonly input: InputSpecType;
	@Field(() => DateTime) readonly createdAt: Date;
}

export const BackboneConnectionType = connectionType('Backbone', () => BackboneType);

@ObjectType('BackboneRegistered')
export class BackboneRegisteredType {
	@Field(() => BackboneType) readonly backbone: Backbone;
}

export const RegisterBackboneResult = resultUnion(
	'RegisterBackboneResult',
	BackboneRegisteredType,
	InvalidInputType,
	NotFoundType,
	ConflictType,
);
