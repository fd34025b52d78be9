'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useGraft } from '../connection/GraftProvider';
import { Button } from '../design/Button';
import { useReachability } from './ConnectionMark';
import styles from './OfflineBanner.module.css';

/** A blink of the network is no news: the banner waits this long. */
const CALM_MS = 1_200;

/** Floats over the page, so that nothing moves when it comes and goes. */
export function OfflineBanner() {
	const { apiUrl, reach } = useGraft();
	const queries = useQueryClient();
	const offline = useReachability() === 'offline';
	const refusal = useSyncExternalStore(reach.subscribe, reach.streamRefusal, () => null);
	const [shown, setShown] = useState(false);
	useEffect(() => {
		const timer = setTimeout(() => setShown(offline), offline ? CALM_MS : 0);
		return () => clearTimeout(timer);
	}, [offline]);
	return (
		<div aria-live="polite">
			{shown ? (
				<div className={styles.banner} data-testid="offline-banner">
					<p>
						<strong>The API at {apiUrl} does not answer.</strong> What you see is the last that arrived; the page tries
						again by itself and goes on without a gap. Not started? <code>npm start</code>
					</p>
					<Button onClick={() => void queries.refetchQueries()}>Try now</Button>
				</div>
			) : refusal !== null ? (
				<div className={styles.banner}>
					<p>
						<strong>Live updates are off.</strong> {refusal}
					</p>
					<Button onClick={() => window.location.reload()}>Reload</Button>
				</div>
			) : null}
		</div>
	);
}
