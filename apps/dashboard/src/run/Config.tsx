import { Section } from '../design/PageHead';
import styles from './details.module.css';
import { flattenConfig } from './flatten-config';

/** Everything that the run was told, as paths that filters understand (`config.optimizer.kind`). */
export function Config({ config }: { readonly config: unknown }) {
	const entries = flattenConfig(config).sort(([a], [b]) => (a < b ? -1 : 1));
	return (
		<Section title="Configuration">
			{entries.length === 0 ? (
				<p className={styles.none}>The run was told nothing but its strategy.</p>
			) : (
				<dl className={styles.config}>
					{entries.map(([path, value]) => (
						<div key={path}>
							<dt>{path}</dt>
							<dd>{value}</dd>
						</div>
					))}
				</dl>
			)}
		</Section>
	);
}
