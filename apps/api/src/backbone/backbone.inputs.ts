import { Field, ID, InputType, Int } from 'type-graphql';

@InputType('RegisterBackboneInput', {
	description:
		'Weights come from a finished run (fromRunId), from bytes that the artifact store has (weightsDigest: a safetensors file with the tensors of the architecture, compared by its header), or are random (neither).',
})
export class RegisterBackboneInputType {
	@Field(() => String) readonly name: string;
	@Field(() => String) readonly architecture: string;
	@Field(() => [Int], { nullable: true }) readonly inputShape?: readonly number[] | null;
	@Field(() => ID, { nullable: true }) readonly fromRunId?: string | null;
	@Field(() => String, { nullable: true }) readonly weightsDigest?: string | null;
	@Field(() => String, { nullable: true, description: 'tokenizer.json of a backbone that reads text, in the store.' })
	readonly tokenizerDigest?: string | null;
	@Field(() => String, { nullable: true }) readonly source?: string | null;
	@Field(() => String, { nullable: true }) readonly licence?: string | null;
}
