import { TableScroll } from '../design/TableScroll';
import table from '../design/table.module.css';
import { bytes, whole } from '../format/numbers';
import type { DatasetsQuery } from '../gql/graphql';
import styles from './Statistics.module.css';

type Found = NonNullable<DatasetsQuery['datasets']['nodes'][number]['statistics']>;

const RANKS = [
	['min', 'Least'],
	['p5', '5 %'],
	['median', 'Median'],
	['p95', '95 %'],
	['max', 'Most'],
] as const;

/** What an import found: sizes, examples that are there twice, examples that cannot be read. */
export function Statistics({ name, found }: { readonly name: string; readonly found: Found }) {
	const { distributions, duplicates, broken } = found;
	return (
		<div className={styles.found} data-testid="dataset-statistics">
			{distributions.length > 0 ? (
				<TableScroll label={`Sizes in ${name}`}>
					<table className={`${table.table} ${styles.sizes}`}>
						<thead>
							<tr>
								<th scope="col">{bytes(found.bytes)} in all; each</th>
								{RANKS.map(([rank, title]) => (
									<th key={rank} scope="col" className={table.right}>
										{title}
									</th>
								))}
							</tr>
						</thead>
						<tbody>
							{distributions.map((one) => (
								<tr key={one.name}>
									<td>
										{one.name} {one.unit !== one.name && <span className={table.unit}>{one.unit}</span>}
									</td>
									{RANKS.map(([rank]) => (
										<td key={rank} className={table.right}>
											{whole(one[rank])}
										</td>
									))}
								</tr>
							))}
						</tbody>
					</table>
				</TableScroll>
			) : null}
			<ul className={styles.findings}>
				<li>
					{duplicates.examples === 0 ? (
						'No example is there twice.'
					) : (
						<Named
							what={`${whole(duplicates.examples)} ${duplicates.examples === 1 ? 'example is a copy' : 'examples are copies'} of others`}
							lines={duplicates.groups.map((group) => group.join(' = '))}
						/>
					)}
				</li>
				{duplicates.acrossSplits > 0 ? (
					<li className={styles.caution}>
						{duplicates.acrossSplits === 1 ? 'One of them lies' : `${whole(duplicates.acrossSplits)} of them lie`} in
						another split than the original: what is tested was trained on.
					</li>
				) : null}
				<li>
					{broken.count === 0 ? (
						'Every example can be read.'
					) : (
						<Named
							what={`${whole(broken.count)} left out, for they cannot be read`}
							lines={broken.named.map(({ name, reason }) => `${name}: ${reason}`)}
							isBad
						/>
					)}
				</li>
			</ul>
		</div>
	);
}

function Named(props: { readonly what: string; readonly lines: readonly string[]; readonly isBad?: boolean }) {
	return (
		<details>
			<summary className={props.isBad ? styles.bad : undefined}>{props.what}</summary>
			<ul className={styles.names}>
				{props.lines.map((line) => (
					<li key={line}>{line}</li>
				))}
			</ul>
		</details>
	);
}
