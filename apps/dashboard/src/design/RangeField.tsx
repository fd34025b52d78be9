'use client';

import { useEffect, useState } from 'react';
import { Button } from './Button';
import styles from './Choice.module.css';

type Ends = readonly [from: number, to: number];

/** Two ends of a part of an axis as numbers: what dragging over a chart chooses, without dragging. */
export function RangeField(props: {
	/** What the axis counts. */
	readonly label: string;
	readonly range: Ends | null;
	readonly onChange: (range: Ends | null) => void;
}) {
	const { label, range, onChange } = props;
	const [from, setFrom] = useState('');
	const [to, setTo] = useState('');
	useEffect(() => {
		setFrom(range === null ? '' : String(range[0]));
		setTo(range === null ? '' : String(range[1]));
	}, [range]);
	const isChosen = from.trim() !== '' && to.trim() !== '' && Number(from) < Number(to);
	const take = () => {
		if (isChosen && (Number(from) !== range?.[0] || Number(to) !== range[1])) onChange([Number(from), Number(to)]);
	};
	const end = (name: string, value: string, set: (value: string) => void) => (
		<input
			className={styles.bound}
			aria-label={`${name} ${label}`}
			placeholder={name}
			inputMode="decimal"
			autoComplete="off"
			aria-invalid={value.trim() !== '' && !Number.isFinite(Number(value))}
			value={value}
			onChange={(event) => set(event.target.value)}
			onBlur={take}
			onKeyDown={(event) => event.key === 'Enter' && take()}
		/>
	);
	return (
		<fieldset className={styles.range}>
			<legend className="visually-hidden">Part of the horizontal axis</legend>
			{end('from', from, setFrom)}
			<span aria-hidden="true">–</span>
			{end('to', to, setTo)}
			{range === null ? null : (
				<Button onClick={() => onChange(null)} title="The whole axis; two clicks on a chart do the same">
					Whole axis
				</Button>
			)}
		</fieldset>
	);
}
