import { StoredSeriesDocument } from '../gql/graphql.js';
import type { Ended, Finding } from './finding.js';
import type { Stage } from './stage.js';

const KEYS = ['train_loss', 'val_accuracy', 'test_accuracy'];

/** What training came to: every point of the finished run, and the digest of its weights. */
export type Fingerprints = ReadonlyMap<number, string>;

export async function fingerprintOf({ client }: Stage, runId: string, weights: string): Promise<string> {
	const series = await Promise.all(
		KEYS.map(async (key) => (await client.request(StoredSeriesDocument, { runId, key })).metricSeries),
	);
	return JSON.stringify([weights, series.map((one) => one.map(({ points, steps, mean }) => [points, steps, mean]))]);
}

/** Digests of the runs' best and final weights, by their ids. */
export async function weightsOf({ sql }: Stage, experimentId: string): Promise<Map<string, string>> {
	const rows = await sql<{ id: string; digest: string }>(
		`SELECT run.id, string_agg(artifact.name || ' ' || digest, ', ' ORDER BY artifact.name) AS digest FROM run JOIN artifact ON artifact.run_id = run.id AND artifact.kind = 'checkpoint'
		WHERE run.experiment_id = $1 GROUP BY run.id`,
		[experimentId],
	);
	return new Map(rows.map(({ id, digest }) => [id, digest]));
}

export async function sameAsUndisturbed(
	stage: Stage,
	experimentId: string,
	runs: readonly Ended[],
	undisturbed: Fingerprints,
): Promise<Finding> {
	const weights = await weightsOf(stage, experimentId);
	const against: string[] = [];
	const succeeded = runs.filter(({ status }) => status === 'SUCCEEDED');
	for (const { id, seed } of succeeded) {
		const found = await fingerprintOf(stage, id, weights.get(id) ?? 'none');
		if (found !== undisturbed.get(seed))
			against.push(`run ${id} of seed ${seed}: ${found} instead of ${undisturbed.get(seed)}`);
	}
	return { sentence: 'weights and points equal those of the undisturbed run', counted: succeeded.length, against };
}
