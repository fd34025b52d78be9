import styles from './Choice.module.css';

/** A text to look for; its label stands in the empty field. */
export function SearchField(props: {
	readonly label: string;
	readonly value: string;
	readonly onChange: (value: string) => void;
}) {
	return (
		<input
			type="search"
			className={styles.name}
			aria-label={props.label}
			placeholder={props.label}
			autoComplete="off"
			spellCheck={false}
			value={props.value}
			onChange={(event) => props.onChange(event.target.value)}
		/>
	);
}
