import type { Json } from '@graft/domain/json';
import { Field, Float, InputType, Int } from 'type-graphql';
import { JsonScalar } from '../scalar/json.js';

@InputType('RegisterWorkerInput')
export class RegisterWorkerInputType {
	@Field(() => String) readonly name: string;
	@Field(() => String) readonly backend: string;
	@Field(() => String, { nullable: true }) readonly backendReason?: string | null;
	@Field(() => String, { nullable: true }) readonly device?: string | null;
	@Field(() => Float, { nullable: true }) readonly memoryBytes?: number | null;
	@Field(() => JsonScalar, { nullable: true }) readonly labels?: unknown;
	@Field(() => Int, { nullable: true, defaultValue: 1 }) readonly slots?: number | null;
}

@InputType('RequirementsInput', { description: 'What a worker must have to be given the runs; all of it.' })
export class RequirementsInputType {
	@Field(() => String, { nullable: true, description: 'tensorflow-gpu, webgpu, tensorflow, wasm or cpu.' })
	readonly backend?: string | null;
	@Field(() => Float, { nullable: true, description: 'Memory of its device at the least.' })
	readonly memoryBytes?: number | null;
	@Field(() => JsonScalar, { nullable: true, description: 'Labels with these values, such as {"gpu": "a100"}.' })
	readonly labels?: Json;
}
