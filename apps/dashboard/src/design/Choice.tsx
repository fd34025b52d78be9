'use client';

import { useId } from 'react';
import styles from './Choice.module.css';

export interface Option {
	readonly value: string;
	readonly label: string;
}

interface ChoiceProps {
	readonly label: string;
	readonly options: readonly Option[];
	readonly value: string;
	readonly onChange: (value: string) => void;
}

/** A labelled native select: for lists that grow. */
export function Select({ label, options, value, onChange }: ChoiceProps) {
	const id = useId();
	return (
		<div className={styles.field}>
			<label htmlFor={id}>{label}</label>
			<select id={id} className={styles.select} value={value} onChange={(event) => onChange(event.target.value)}>
				{options.map((option) => (
					<option key={option.value} value={option.value}>
						{option.label}
					</option>
				))}
			</select>
		</div>
	);
}

/** A few exclusive options side by side. */
export function Segments({ label, options, value, onChange }: ChoiceProps) {
	const name = useId();
	return (
		<fieldset className={styles.segments}>
			<legend className="visually-hidden">{label}</legend>
			{options.map((option) => (
				<label key={option.value} className={styles.segment}>
					<input
						type="radio"
						className="visually-hidden"
						name={name}
						checked={option.value === value}
						onChange={() => onChange(option.value)}
					/>
					<span>{option.label}</span>
				</label>
			))}
		</fieldset>
	);
}

/** One thing that is on or off. */
export function Toggle(props: {
	readonly label: string;
	readonly on: boolean;
	readonly onChange: (on: boolean) => void;
}) {
	return (
		<label className={styles.toggle}>
			<input type="checkbox" checked={props.on} onChange={(event) => props.onChange(event.target.checked)} />
			{props.label}
		</label>
	);
}
