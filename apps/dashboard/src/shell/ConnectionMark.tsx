'use client';

import { useSyncExternalStore } from 'react';
import { useGraft } from '../connection/GraftProvider';
import type { Reachability } from '../connection/reachability';
import styles from './ConnectionMark.module.css';

const words: Record<Reachability, { readonly word: string; readonly meaning: string }> = {
	connecting: { word: 'Connecting', meaning: 'Asking the API for the first time' },
	connected: { word: 'Connected', meaning: 'The API answers; nothing on this page is streamed' },
	live: { word: 'Live', meaning: 'Changes arrive as they happen' },
	offline: { word: 'Offline', meaning: 'The API does not answer; it is being tried again' },
};

export function useReachability(): Reachability {
	const { reach } = useGraft();
	return useSyncExternalStore(reach.subscribe, reach.state, () => 'connecting');
}

export function ConnectionMark() {
	const { apiUrl } = useGraft();
	const state = useReachability();
	const { word, meaning } = words[state];
	return (
		<p
			className={styles.mark}
			data-testid="connection-state"
			data-state={state}
			title={`${meaning}: ${apiUrl}`}
			role="status"
		>
			<span className={styles.dot} aria-hidden="true" />
			{word}
		</p>
	);
}
