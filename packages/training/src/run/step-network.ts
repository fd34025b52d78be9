import { annealedTo, type FreezePhase, type GroupPlan } from '@graft/domain/freeze-plan';
import { stepsOnTarget } from '@graft/domain/strategy';
import type { Network } from '../network/network.js';
import { type PhaseNetwork, splitNetwork } from './phase-network.js';
import type { RunContext } from './run-context.js';

/** The network as the steps of one phase see it. */
export interface StepNetworks {
	/** What learns in the phase at all; its trunk is the same in every step. */
	readonly part: PhaseNetwork;
	readonly at: (step: number) => PhaseNetwork;
}

/**
 * Under FREEZE_OUT groups anneal each to its own end and are frozen from then on: a frozen prefix is no longer
 * differentiated. Under all other strategies every step sees the same.
 */
export function stepNetworks(
	{ spec, network, totalSteps }: Pick<RunContext, 'spec' | 'network' | 'totalSteps'>,
	phase: FreezePhase,
): StepNetworks {
	const split = splitNetwork(network, phase);
	const freezes = phase.groups.some(({ freezesAt }) => freezesAt !== undefined);
	// What is computed once would have to be cut anew when groups freeze, and the target's examples do not lie in it.
	const whole = { ...split, trunk: [], tail: network.layers };
	if (!freezes) {
		const part = stepsOnTarget(spec.strategy.kind) ? whole : split;
		return { part, at: () => part };
	}
	let cut: { readonly frozen: number; readonly part: PhaseNetwork } | null = null;
	const at = (step: number): PhaseNetwork => {
		const done = step / totalSteps;
		const groups = phase.groups.map((group) => (factorAt(group, done) > 0 ? group : freeze(group)));
		const frozen = groups.filter((group) => !group.trainable).length;
		if (cut?.frozen !== frozen) cut = { frozen, part: splitNetwork(network, counted({ ...phase, groups })) };
		return { ...cut.part, learningRates: ratesAt(network, cut.part, phase, done) };
	};
	return { part: whole, at };
}

const factorAt = ({ trainable, freezesAt }: GroupPlan, done: number): number =>
	freezesAt === undefined ? Number(trainable) : annealedTo(freezesAt, done);

/** The head's rate at the share `done` of the run, before the schedule; that of the group below where it has none. */
export function headRateAt({ groups }: FreezePhase, done: number): number {
	const top = groups.findLast(({ trainable }) => trainable);
	return top === undefined ? 0 : (top.learningRate ?? 0) * factorAt(top, done);
}

function ratesAt(network: Network, part: PhaseNetwork, { groups }: FreezePhase, done: number): Map<string, number> {
	const factors = new Map(groups.map((group) => [group.group, factorAt(group, done)]));
	const groupOf = new Map(network.weights.map(({ name, group }) => [name, group]));
	return new Map(
		[...part.learningRates].map(([name, rate]) => [name, rate * (factors.get(groupOf.get(name) ?? '') ?? 1)]),
	);
}

const freeze = (group: GroupPlan): GroupPlan => ({
	...group,
	trains: 'NONE',
	trainable: false,
	learningRate: null,
	batchNorm: group.batchNorm === null ? null : 'FROZEN_STATISTICS',
	trainableParameters: 0,
});

const counted = (phase: FreezePhase): FreezePhase => ({
	...phase,
	trainableParameters: phase.groups.reduce((sum, group) => sum + group.trainableParameters, 0),
});
