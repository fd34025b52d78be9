import type { FinishRunInput } from '@graft/engine';
import { Field, ID, InputType } from 'type-graphql';
import { JsonScalar } from '../scalar/json.js';
import { FinishOutcomeEnum } from '../schema/enums.js';

@InputType('LeaseInput')
export class LeaseInputType {
	@Field(() => ID) readonly runId: string;
	@Field(() => String) readonly token: string;
}

@InputType('NextLeaseInput')
export class NextLeaseInputType {
	@Field(() => ID) readonly workerId: string;
	@Field(() => String, { description: 'Token of the lease to come, as in leaseRun.' })
	readonly token: string;
}

@InputType('FinishRunInput')
export class FinishRunInputType {
	@Field(() => LeaseInputType) readonly lease: LeaseInputType;
	@Field(() => FinishOutcomeEnum) readonly outcome: FinishRunInput['outcome'];
	@Field(() => JsonScalar, { nullable: true }) readonly failure?: unknown;
	@Field(() => JsonScalar, { nullable: true }) readonly verification?: unknown;
	@Field(() => JsonScalar, { nullable: true }) readonly summary?: unknown;
	@Field(() => JsonScalar, { nullable: true, description: 'Where the run is at its end, as in renewLease.' })
	readonly progress?: unknown;
	@Field(() => NextLeaseInputType, {
		nullable: true,
		description:
			'Asks, as leaseRun does, for a run for the slot that becomes free. It is leased in the transaction that ends this one.',
	})
	readonly next?: NextLeaseInputType;
}
