'use client';

import { useEffect, useState } from 'react';
import { Button } from './Button';
import styles from './CopyCommand.module.css';

/** A command to run in a terminal, with a button that copies it. */
export function CopyCommand({ command }: { readonly command: string }) {
	const [outcome, setOutcome] = useState<'idle' | 'copied' | 'refused'>('idle');
	useEffect(() => {
		if (outcome === 'idle') return;
		const timer = setTimeout(() => setOutcome('idle'), 2_000);
		return () => clearTimeout(timer);
	}, [outcome]);
	const copy = () => {
		// Browsers give no clipboard to pages on plain HTTP from other machines.
		const written = navigator.clipboard?.writeText(command) ?? Promise.reject(new Error('no clipboard'));
		written.then(
			() => setOutcome('copied'),
			() => setOutcome('refused'),
		);
	};
	return (
		<span className={styles.command}>
			<code>{command}</code>
			<Button look="plain" onClick={copy} aria-label={`Copy: ${command}`}>
				<span aria-live="polite">{outcome === 'copied' ? 'Copied' : outcome === 'refused' ? 'Select it' : 'Copy'}</span>
			</Button>
		</span>
	);
}
