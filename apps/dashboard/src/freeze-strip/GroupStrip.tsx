import { count } from '../format/numbers';
import type { StripGroupFragment } from '../gql/graphql';
import styles from './GroupStrip.module.css';
import { blockWeight } from './strip-rows';

/** A backbone at rest: its layer groups, without ice and ember, since no strategy has been chosen. */
export function GroupStrip({ groups }: { readonly groups: readonly StripGroupFragment[] }) {
	return (
		<ol className={styles.strip} aria-label="Layer groups from input to top">
			{groups.map((group) => (
				<li
					key={group.name}
					style={{ flexGrow: blockWeight(group.parameterCount) }}
					title={`${group.layers.join(', ')}${group.hasBatchNorm ? ' · has BatchNorm' : ''} · ${count(group.macs, 'MAC')} a forward pass`}
				>
					<span className={styles.name}>{group.name}</span>
					<span className={styles.size}>{count(group.parameterCount)}</span>
				</li>
			))}
		</ol>
	);
}
