'use client';

import Link from 'next/link';
import { useGraftQuery } from '../connection/use-graft-query';
import { Catalog, CatalogFacts, CatalogItem, CatalogLoading } from '../design/Catalog';
import { Fact } from '../design/Fact';
import { PageHead } from '../design/PageHead';
import { Empty, Failed } from '../design/State';
import { count } from '../format/numbers';
import { dateTime } from '../format/time';
import { GroupStrip } from '../freeze-strip/GroupStrip';
import { BackbonesDocument, type BackbonesQuery } from '../gql/graphql';
import styles from './BackbonesPage.module.css';

const LIST = 100;
/** No stream tells of new backbones; they are rare. */
const REFRESH_MS = 15_000;

/** What the weights expect of pixels of 0 to 255. */
const PREPROCESSING: Readonly<Record<string, string>> = {
	caffe: 'caffe: BGR, less the ImageNet means',
	tf: 'tf: x / 127.5 − 1',
	torch: 'torch: x / 255, standardised',
};

type Backbone = BackbonesQuery['backbones']['nodes'][number];

/** What is reused: architectures with weights, where each came from, and its freeze points. */
export function BackbonesPage() {
	const query = useGraftQuery('backbones', BackbonesDocument, { first: LIST }, { refetchMs: REFRESH_MS });
	const backbones = query.data?.backbones;
	return (
		<>
			<PageHead
				title="Backbones"
				lead="Architectures with weights, ready to be reused. Layer groups are the freeze points."
			/>
			{query.error ? (
				<Failed error={query.error} onRetry={() => void query.refetch()} />
			) : !backbones ? (
				<CatalogLoading height={176} />
			) : backbones.totalCount === 0 ? (
				<Empty title="No backbones yet" graft="demo">
					A backbone is registered from an architecture with random weights, from a finished run, or from a weight file.
					The demo pretrains one on handwritten digits.
				</Empty>
			) : (
				<Catalog>
					{backbones.nodes.map((backbone) => (
						<Item key={backbone.id} backbone={backbone} />
					))}
				</Catalog>
			)}
		</>
	);
}

function Item({ backbone }: { readonly backbone: Backbone }) {
	const shape = backbone.input.shape?.join(' × ');
	return (
		<CatalogItem
			id={backbone.id}
			testId="backbone-row"
			name={backbone.name}
			about={
				<>
					{backbone.architecture.name} · {count(backbone.parameterCount)} parameters · {backbone.modality.toLowerCase()}
					{shape ? ` ${shape}` : ''}
				</>
			}
		>
			<Lineage backbone={backbone} />
			<GroupStrip groups={backbone.layerGroups} />
			<CatalogFacts>
				<Fact name="Weights">
					{backbone.weightsDigest === null ? (
						'random'
					) : (
						<code title={backbone.weightsDigest}>sha256 {backbone.weightsDigest.slice(0, 12)}</code>
					)}
				</Fact>
				{backbone.pretrainedOn ? (
					<Fact name="Pretrained on">
						<Link href={`/datasets#${backbone.pretrainedOn.id}`}>{backbone.pretrainedOn.name}</Link>
					</Fact>
				) : null}
				{backbone.input.preprocessing ? (
					<Fact name="Preprocessing">
						{PREPROCESSING[backbone.input.preprocessing] ?? backbone.input.preprocessing}
					</Fact>
				) : null}
				{backbone.input.tokenizer ? (
					<Fact name="Tokenizer">
						<code title={backbone.input.tokenizer}>sha256 {backbone.input.tokenizer.slice(0, 12)}</code>
					</Fact>
				) : null}
				{backbone.source ? <Fact name="Source">{backbone.source}</Fact> : null}
				{backbone.licence ? <Fact name="Licence">{backbone.licence}</Fact> : null}
				<Fact name="Registered">{dateTime(backbone.createdAt)}</Fact>
			</CatalogFacts>
		</CatalogItem>
	);
}

/** backbone ← run ← backbone, oldest at the left. */
function Lineage({ backbone }: { readonly backbone: Backbone }) {
	const run = backbone.producedBy;
	if (!run) {
		return (
			<p className={styles.lineage}>
				<span>{backbone.weightsDigest === null ? 'random weights' : 'weights from outside'}</span>
				<Arrow />
				<strong>{backbone.name}</strong>
			</p>
		);
	}
	return (
		<p className={styles.lineage}>
			{run.backbone ? (
				<>
					<Link href={`#${run.backbone.id}`}>{run.backbone.name}</Link>
					<Arrow />
				</>
			) : null}
			<span>
				<Link href={`/runs/${run.id}`}>{run.name}</Link>
			</span>
			<Arrow />
			<strong>{backbone.name}</strong>
		</p>
	);
}

function Arrow() {
	return (
		<span className={styles.arrow} aria-label="became" role="img">
			→
		</span>
	);
}
