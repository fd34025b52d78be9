'use client';

import { useGraft } from '../connection/GraftProvider';
import { CopyCommand } from './CopyCommand';

/** A `graft` command against the platform that this page shows, wherever it runs. */
export function GraftCommand({ args }: { readonly args: string }) {
	const { apiUrl } = useGraft();
	return <CopyCommand command={`npx graft ${args} --api ${apiUrl}`} />;
}
