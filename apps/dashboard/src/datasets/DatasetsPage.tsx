'use client';

import { TASK_NAMES } from '@graft/domain/dataset';
import { useGraftQuery } from '../connection/use-graft-query';
import { PageHead } from '../design/PageHead';
import { Empty, Failed, Skeleton } from '../design/State';
import { TableScroll } from '../design/TableScroll';
import table from '../design/table.module.css';
import { whole } from '../format/numbers';
import { DatasetsDocument, type DatasetsQuery } from '../gql/graphql';
import { flattenConfig } from '../run/flatten-config';
import styles from './DatasetsPage.module.css';
import { Statistics } from './Statistics';

const LIST = 100;
/** No stream tells of new data; they are rare. */
const REFRESH_MS = 15_000;

type Dataset = DatasetsQuery['datasets']['nodes'][number];

/** Data that trainers can read, with their splits down to the classes. */
export function DatasetsPage() {
	const query = useGraftQuery('datasets', DatasetsDocument, { first: LIST }, { refetchMs: REFRESH_MS });
	const datasets = query.data?.datasets;
	return (
		<>
			<PageHead
				title="Datasets"
				lead="Data that a trainer can read. A version is the digest of bytes and options: other data, another version."
			/>
			{query.error ? (
				<Failed error={query.error} onRetry={() => void query.refetch()} />
			) : !datasets ? (
				<div className={styles.list}>
					<Skeleton height={220} />
					<Skeleton height={220} />
				</div>
			) : datasets.totalCount === 0 ? (
				<Empty title="No datasets yet" graft="demo">
					The demo registers 1,797 images of handwritten digits that come with Graft, in two parts: 0 to 5 and 6 to 9.
				</Empty>
			) : (
				<ul className={styles.list}>
					{datasets.nodes.map((dataset) => (
						<Item key={dataset.id} dataset={dataset} />
					))}
				</ul>
			)}
		</>
	);
}

function Item({ dataset }: { readonly dataset: Dataset }) {
	const examples = dataset.splits.reduce((sum, split) => sum + split.examples, 0);
	const classes = dataset.classes ?? [];
	return (
		<li id={dataset.id} className={styles.item} data-testid="dataset-row">
			<div className={styles.head}>
				<h2>{dataset.name}</h2>
				<p>
					{whole(examples)} examples · {TASK_NAMES[dataset.task]}
					{classes.length > 0 ? ` into ${classes.length} classes` : ''} · {dataset.modality.toLowerCase()}
					{dataset.input.shape ? ` ${dataset.input.shape.join(' × ')}` : ''}
				</p>
			</div>
			<TableScroll label={`Splits of ${dataset.name}`}>
				<table className={`${table.table} ${styles.splits}`}>
					<thead>
						<tr>
							<th scope="col">Split</th>
							<th scope="col" className={table.right}>
								Examples
							</th>
							{classes.map((name) => (
								<th key={name} scope="col" className={table.right}>
									{name}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{dataset.splits.map((split) => (
							<tr key={split.name}>
								<td>{split.name}</td>
								<td className={table.right}>{whole(split.examples)}</td>
								{classes.map((name, at) => (
									<td key={name} className={`${table.right} ${table.quiet}`}>
										{split.classCounts ? whole(split.classCounts[at] ?? 0) : '–'}
									</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</TableScroll>
			{dataset.statistics ? <Statistics name={dataset.name} found={dataset.statistics} /> : null}
			<dl className={styles.facts}>
				<div>
					<dt>Version</dt>
					<dd>
						<code title={dataset.version}>{dataset.version.slice(0, 12)}</code>
					</dd>
				</div>
				<div>
					<dt>Read from</dt>
					<dd>
						<code>{dataset.uri}</code> as {dataset.format}
					</dd>
				</div>
				{flattenConfig(dataset.options).map(([path, value]) => (
					<div key={path}>
						<dt>{path}</dt>
						<dd>{value}</dd>
					</div>
				))}
			</dl>
			{dataset.attribution ? <p className={styles.attribution}>{dataset.attribution}</p> : null}
		</li>
	);
}
