'use client';

import { RUN_STATUSES, type RunStatus } from '@graft/domain/run';
import { Segments } from '../design/Choice';
import { STATUS_WORDS } from '../design/StatusMark';
import { useUrlState } from '../url/use-url-state';

/** One status or all, in the URL; only statuses that occur are offered. */
export function useStatusFilter(): RunStatus | null {
	const [value] = useUrlState('status', '');
	return RUN_STATUSES.find((status) => status.toLowerCase() === value) ?? null;
}

export function StatusFilter({ runs }: { readonly runs: readonly { readonly status: RunStatus }[] }) {
	const [value, setValue] = useUrlState('status', '');
	const counts = new Map<RunStatus, number>();
	for (const run of runs) counts.set(run.status, (counts.get(run.status) ?? 0) + 1);
	const present = RUN_STATUSES.filter((status) => counts.has(status) || status.toLowerCase() === value);
	return (
		<Segments
			label="Status"
			value={value}
			onChange={setValue}
			options={[
				{ value: '', label: `All ${runs.length}` },
				...present.map((status) => ({
					value: status.toLowerCase(),
					label: `${STATUS_WORDS[status]} ${counts.get(status) ?? 0}`,
				})),
			]}
		/>
	);
}
