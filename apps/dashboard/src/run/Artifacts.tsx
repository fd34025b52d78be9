import { Section } from '../design/PageHead';
import table from '../design/table.module.css';
import { bytes, whole } from '../format/numbers';
import type { RunPageFragment } from '../gql/graphql';
import styles from './details.module.css';

/** Files that the run left, each by the digest of its bytes. */
export function Artifacts({ artifacts }: { readonly artifacts: RunPageFragment['artifacts'] }) {
	return (
		<Section title="Artifacts">
			{artifacts.length === 0 ? (
				<p className={styles.none}>No files yet. The weights come at the end of the run.</p>
			) : (
				<div className={table.scroll}>
					<table className={table.table}>
						<thead>
							<tr>
								<th scope="col">File</th>
								<th scope="col">Kind</th>
								<th scope="col">sha256</th>
								<th scope="col" className={table.right}>
									Size
								</th>
							</tr>
						</thead>
						<tbody>
							{artifacts.map((artifact) => (
								<tr key={artifact.id} data-testid="artifact-row">
									<td>
										<a href={artifact.downloadUrl} download={artifact.name}>
											{artifact.name}
										</a>
									</td>
									<td className={table.quiet}>
										{artifact.kind}
										{artifact.step === null ? '' : `, step ${whole(artifact.step)}`}
									</td>
									<td>
										<code title={artifact.digest}>{artifact.digest.slice(0, 12)}</code>
									</td>
									<td className={table.right}>{bytes(artifact.bytes)}</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
		</Section>
	);
}
