'use client';

import { TASK_NAMES } from '@graft/domain/dataset';
import { useGraftQuery } from '../connection/use-graft-query';
import { Catalog, CatalogFacts, CatalogItem, CatalogLoading } from '../design/Catalog';
import { Fact } from '../design/Fact';
import { PageHead } from '../design/PageHead';
import { Empty, Failed } from '../design/State';
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
				<CatalogLoading height={220} />
			) : datasets.totalCount === 0 ? (
				<Empty title="No datasets yet" graft="demo">
					The demo registers 1,797 images of handwritten digits that come with Graft, in two parts: 0 to 5 and 6 to 9.
				</Empty>
			) : (
				<Catalog>
					{datasets.nodes.map((dataset) => (
						<Item key={dataset.id} dataset={dataset} />
					))}
				</Catalog>
			)}
		</>
	);
}

function Item({ dataset }: { readonly dataset: Dataset }) {
	const examples = dataset.splits.reduce((sum, split) => sum + split.examples, 0);
	const classes = dataset.classes ?? [];
	return (
		<CatalogItem
			id={dataset.id}
			testId="dataset-row"
			name={dataset.name}
			about={
				<>
					{whole(examples)} examples · {TASK_NAMES[dataset.task]}
					{classes.length > 0 ? ` into ${classes.length} classes` : ''} · {dataset.modality.toLowerCase()}
					{dataset.input.shape ? ` ${dataset.input.shape.join(' × ')}` : ''}
				</>
			}
		>
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
			<CatalogFacts>
				<Fact name="Version">
					<code title={dataset.version}>{dataset.version.slice(0, 12)}</code>
				</Fact>
				<Fact name="Read from">
					<code>{dataset.uri}</code> as {dataset.format}
				</Fact>
				{flattenConfig(dataset.options).map(([path, value]) => (
					<Fact key={path} name={path}>
						{value}
					</Fact>
				))}
			</CatalogFacts>
			{dataset.attribution ? <p className={styles.attribution}>{dataset.attribution}</p> : null}
		</CatalogItem>
	);
}
