import { lockRuns, updateRun } from '@graft/database/run';
import { type InvalidInput, invalidInput, type NotFound, notFound } from '@graft/domain/error';
import type { Run } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topicsOfRuns } from '../context/topics.js';
import { refuseTags } from '../launch/tags.js';

/** All or none. A tag that is both added and removed is refused, since the order would decide. */
export async function tagRuns(
	context: Context,
	ids: readonly string[],
	{ add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Promise<readonly Run[] | NotFound | InvalidInput> {
	const refused = refuseTags(add, 'add');
	if (refused !== null) return refused;
	const both = add.find((tag) => remove.includes(tag));
	if (both !== undefined) return invalidInput('remove', `The tag ${both} is both added and removed.`);
	const unknown = ids.find((id) => !isId(id));
	if (unknown !== undefined) return notFound('run', unknown);
	const runs = await context.database.transaction(async (session) => {
		const rows = new Map((await lockRuns(session, ids)).map((row) => [row.id, row]));
		const missing = ids.find((id) => !rows.has(id.toLowerCase()));
		if (missing !== undefined) return notFound('run', missing);
		const changed: Run[] = [];
		for (const row of rows.values()) {
			const tags = [...new Set([...row.tags, ...add])].filter((tag) => !remove.includes(tag));
			const tooMany = refuseTags(tags, 'add');
			if (tooMany !== null) return tooMany;
			changed.push(await updateRun(session, row.id, { tags }));
		}
		return changed;
	});
	if (!('kind' in runs)) context.announce(topicsOfRuns(runs));
	return runs;
}
