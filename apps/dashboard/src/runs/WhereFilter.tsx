'use client';

import { useEffect, useState } from 'react';
import { Button } from '../design/Button';
import styles from './RunsPage.module.css';

/** An expression of the run filter; it is asked with Enter, not with each key. */
export function WhereFilter({
	value,
	onChange,
}: {
	readonly value: string;
	readonly onChange: (value: string) => void;
}) {
	const [text, setText] = useState(value);
	useEffect(() => setText(value), [value]);
	return (
		<form
			className={styles.where}
			onSubmit={(event) => {
				event.preventDefault();
				onChange(text.trim());
			}}
		>
			<input
				type="search"
				aria-label="Filter"
				placeholder={'config.epochs > 5 and metric.val_accuracy.best > 0.9 and tag = "keep"'}
				spellCheck={false}
				value={text}
				onChange={(event) => {
					setText(event.target.value);
					if (event.target.value === '') onChange('');
				}}
			/>
			<Button type="submit">Filter</Button>
		</form>
	);
}
