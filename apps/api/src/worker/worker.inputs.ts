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
