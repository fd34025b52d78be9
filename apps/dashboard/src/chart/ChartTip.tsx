import { decimalsFor, fixed, plain, position } from '../format/numbers';
import { DashSwatch } from './ChartLegend';
import styles from './ChartTip.module.css';
import { type ChartLine, valueNear } from './lines';

/** Values under the pointer, best-placed side of it; it covers no line that it tells of for long. */
export function ChartTip(props: {
	readonly at: { readonly x: number; readonly left: number };
	readonly width: number;
	readonly lines: readonly ChartLine[];
	readonly labels: ReadonlyMap<string, string>;
	readonly xLabel: string;
}) {
	const rows = props.lines
		.filter((line) => line.role === 'main')
		.flatMap((line) => {
			const value = valueNear(line, props.at.x);
			return value === null ? [] : [{ line, value }];
		})
		.sort((a, b) => b.value.y - a.value.y);
	const nearest = rows[0]?.value.x;
	if (nearest === undefined) return null;
	const toTheLeft = props.at.left > props.width / 2;
	return (
		<div
			className={styles.tip}
			style={toTheLeft ? { right: props.width - props.at.left + 12 } : { left: props.at.left + 12 }}
		>
			<p>
				{props.xLabel} {position(nearest)}
			</p>
			<ul>
				{rows.map(({ line, value }) => (
					<li key={line.id}>
						<DashSwatch entry={line} />
						<span>{props.labels.get(line.group)}</span>
						<b>
							{value.half === null ? plain(value.y) : fixed(value.y, decimalsFor(value.half))}
							{value.half === null ? null : <i> ± {fixed(value.half, decimalsFor(value.half))}</i>}
						</b>
					</li>
				))}
			</ul>
		</div>
	);
}
