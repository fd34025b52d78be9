'use client';

import { useState } from 'react';
import table from '../design/table.module.css';
import { decimalsFor, fixed, plain, position } from '../format/numbers';
import styles from './ChartTable.module.css';
import { type ChartLine, sharedPositions, valueNear } from './lines';

/** Rows are spread evenly over what is drawn: enough to read the course, few enough to be read aloud. */
const ROWS = 12;

/** The chart's content as numbers, for those who cannot or do not want to read the drawing. */
export function ChartTable(props: {
	readonly lines: readonly ChartLine[];
	readonly labels: ReadonlyMap<string, string>;
	readonly xLabel: string;
}) {
	const [open, setOpen] = useState(false);
	return (
		<details className={styles.details} onToggle={(event) => setOpen(event.currentTarget.open)}>
			<summary>As a table</summary>
			{open ? <Rows {...props} /> : null}
		</details>
	);
}

function Rows({ lines, labels, xLabel }: Parameters<typeof ChartTable>[0]) {
	const main = lines.filter((line) => line.role === 'main');
	const x = sharedPositions(main);
	const steps = x.filter((_, row) => row === x.length - 1 || row % Math.max(1, Math.ceil(x.length / ROWS)) === 0);
	return (
		<div className={table.scroll}>
			<table className={table.table}>
				<thead>
					<tr>
						<th scope="col">{xLabel}</th>
						{main.map((line) => (
							<th key={line.id} scope="col" className={table.right}>
								{labels.get(line.group) ?? line.id}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{steps.map((step) => (
						<tr key={step}>
							<th scope="row">{position(step)}</th>
							{main.map((line) => {
								const value = valueNear(line, step);
								const text =
									value === null || value.x !== step
										? '–'
										: value.half === null
											? plain(value.y)
											: `${fixed(value.y, decimalsFor(value.half))} ± ${fixed(value.half, decimalsFor(value.half))}`;
								return (
									<td key={line.id} className={table.right}>
										{text}
									</td>
								);
							})}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
