import styles from './MiniStrip.module.css';
import { blockWeight, hasNumbers } from './strip-rows';

export interface MiniPlan {
	readonly startsFromPretrained: boolean;
	readonly phases: readonly {
		readonly groups: readonly { readonly group: string; readonly trainable: boolean; readonly parameters: number }[];
	}[];
}

/** The freeze strip in a table's row: a group that learns in any phase is ember. */
export function MiniStrip({ plan }: { readonly plan: MiniPlan }) {
	const groups = (plan.phases[0]?.groups ?? []).filter(hasNumbers).map(({ group, parameters }) => ({
		group,
		parameters,
		learns: plan.phases.some((phase) => phase.groups.some((other) => other.group === group && other.trainable)),
	}));
	const frozen = groups.filter(({ learns }) => !learns).map(({ group }) => group);
	const meaning = frozen.length === 0 ? 'every group learns' : `frozen: ${frozen.join(', ')}`;
	return (
		<span
			className={styles.strip}
			data-scratch={plan.startsFromPretrained ? undefined : ''}
			role="img"
			aria-label={meaning}
			title={meaning}
		>
			{groups.map(({ group, parameters, learns }) => (
				<span key={group} data-learns={learns ? '' : undefined} style={{ flexGrow: blockWeight(parameters) }} />
			))}
		</span>
	);
}
