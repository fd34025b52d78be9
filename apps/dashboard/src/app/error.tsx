'use client';

import { PageHead } from '../design/PageHead';
import { Failed } from '../design/State';

/** A fault of the dashboard itself: the rail stays, and the page may be tried again. */
export default function PageError({ error, reset }: { readonly error: Error; readonly reset: () => void }) {
	return (
		<>
			<PageHead title="The dashboard failed here" />
			<Failed error={error} onRetry={reset} />
		</>
	);
}
