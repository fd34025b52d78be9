import { useEffect } from 'react';
import { useStream } from '../connection/use-stream';
import { useThrottled } from '../connection/use-throttled';
import { RunNewsDocument } from '../gql/graphql';

/** Calls `look` whenever some run has changed, at most once in `ms`: for lists that sum up what their runs do. */
export function useRunNews(look: () => void, ms: number): void {
	const refresh = useThrottled(look, ms);
	useStream(
		'run-news',
		(client, signal) => client.streamWithCursor(RunNewsDocument, {}, (frame) => frame.runUpdates.cursor, { signal }),
		refresh,
	);
	// The stream begins with what comes next: one more look covers what happened before it was open.
	useEffect(() => {
		const timer = setTimeout(refresh, ms);
		return () => clearTimeout(timer);
	}, [refresh, ms]);
}
