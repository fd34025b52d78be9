import { thawCss } from '../thaw/Thaw';
import styles from './ChartLegend.module.css';
import type { LegendEntry } from './lines';
import { cssOf } from './palette';

/** Names, dashes and seeds of the lines. A press hides a line; pointing at one dims the others. */
export function ChartLegend(props: {
	readonly entries: readonly LegendEntry[];
	readonly hidden: ReadonlySet<string>;
	readonly onToggle?: ((group: string) => void) | undefined;
	readonly onEmphasis: (group: string | null) => void;
}) {
	return (
		<ul className={styles.legend} onPointerLeave={() => props.onEmphasis(null)}>
			{props.entries.map((entry) => (
				<li key={entry.group}>
					<button
						type="button"
						aria-pressed={!props.hidden.has(entry.group)}
						disabled={!props.onToggle}
						onClick={() => props.onToggle?.(entry.group)}
						onPointerEnter={() => props.onEmphasis(entry.group)}
						onFocus={() => props.onEmphasis(entry.group)}
						onBlur={() => props.onEmphasis(null)}
					>
						<DashSwatch entry={entry} />
						{entry.label}
						{entry.n === null ? null : <span className={styles.n}>n = {entry.n}</span>}
					</button>
				</li>
			))}
		</ul>
	);
}

export function DashSwatch({ entry }: { readonly entry: Pick<LegendEntry, 'color' | 'dash'> }) {
	return (
		<svg className={styles.swatch} width="24" height="8" viewBox="0 0 24 8" aria-hidden="true">
			<path d="M0 4h24" stroke={cssOf(entry.color, thawCss)} strokeWidth="2" strokeDasharray={entry.dash.join(' ')} />
		</svg>
	);
}
