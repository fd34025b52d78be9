'use client';

import { useEffect, useId, useState } from 'react';
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

/** A labelled text that is one of many names: suggestions as one types, and any other name as well. */
export function NameField(props: {
	readonly label: string;
	readonly names: readonly string[];
	readonly value: string;
	readonly onChange: (value: string) => void;
}) {
	const id = useId();
	const [text, setText] = useState(props.value);
	useEffect(() => setText(props.value), [props.value]);
	const take = (name: string) => name !== '' && name !== props.value && props.onChange(name);
	return (
		<form
			className={styles.field}
			onSubmit={(event) => {
				event.preventDefault();
				take(text.trim());
			}}
		>
			<label htmlFor={id}>{props.label}</label>
			<input
				id={id}
				className={styles.name}
				list={`${id}-names`}
				spellCheck={false}
				autoComplete="off"
				value={text}
				onChange={(event) => {
					setText(event.target.value);
					if (props.names.includes(event.target.value)) take(event.target.value);
				}}
				onBlur={() => (text.trim() === '' ? setText(props.value) : take(text.trim()))}
			/>
			<datalist id={`${id}-names`}>
				{props.names.map((name) => (
					<option key={name} value={name} />
				))}
			</datalist>
		</form>
	);
}

/** More names than one finds in a list without typing. */
const MANY_NAMES = 40;

/** The name of a metric: a list while it is short, and a text with suggestions where there are many. */
export function MetricField(props: {
	readonly label: string;
	readonly names: readonly string[];
	readonly value: string;
	readonly onChange: (value: string) => void;
}) {
	if (props.names.length > MANY_NAMES) return <NameField {...props} />;
	return (
		<Select
			label={props.label}
			value={props.value}
			onChange={props.onChange}
			options={props.names.map((key) => ({ value: key, label: key }))}
		/>
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
