import { decodeList, type GraftClient, isUnavailable } from '@graft/client/browser';
import { useEffect, useRef, useState } from 'react';
import { MOST_STRETCHES } from '../chart/live-series';
import { type Graft, useGraft } from '../connection/GraftProvider';
import { ask } from '../connection/use-graft-query';
import { useStream } from '../connection/use-stream';
import { useThrottled } from '../connection/use-throttled';
import {
	LiveMetricsDocument,
	type LiveMetricsSubscription,
	StoredLinesDocument,
	type StoredLinesQuery,
} from '../gql/graphql';
import { type LiveFrame, LiveLines } from './live-lines';

/** React follows the growing lines this often: legends, tables and words. */
const WORDS_EVERY_MS = 1_000;
const TRY_AGAIN_MS = 1_000;

/** What the page is told: what is stored of the runs, then what is new. */
type News = { readonly stored: StoredLinesQuery } | { readonly frame: LiveMetricsSubscription };

/**
 * Lines of these runs as they are logged: first what is stored, as buckets, then every point. `keys` null: every metric of
 * runs that have hardly logged yet. The answer stays the same object; `edition` changes once a second while the lines grow.
 */
export function useLiveLines(
	runIds: readonly string[],
	keys: readonly string[] | null,
	onNews?: () => void,
): { readonly live: LiveLines; readonly edition: number } {
	const graft = useGraft();
	const [live] = useState(() => new LiveLines());
	const [edition, setEdition] = useState(0);
	const tell = useThrottled(() => setEdition((count) => count + 1), WORDS_EVERY_MS);
	useEffect(() => live.listen(tell), [live, tell]);
	const wanted = useRef(keys);
	useEffect(() => {
		wanted.current = keys;
	});

	useStream(
		runIds.length === 0 ? null : `${keys?.join(',') ?? '*'}#${runIds.join(',')}`,
		(client, signal) => newsOf(graft, client, runIds, keys, signal),
		(news) => {
			const frames: LiveFrame[] = [];
			for (const one of news) {
				if ('frame' in one) frames.push(...framesOf(one.frame));
				else begin(live, one.stored);
			}
			live.add(frames);
			if (wanted.current !== null) live.keepOnly(new Set(wanted.current));
			onNews?.();
		},
	);
	return { live, edition };
}

/**
 * The stream begins with what comes next, and its first frame says so. What is stored is asked for after that, so that nothing
 * lies between the two.
 */
async function* newsOf(
	graft: Graft,
	client: GraftClient,
	runIds: readonly string[],
	keys: readonly string[] | null,
	signal: AbortSignal,
): AsyncGenerator<News> {
	let isBegun = keys === null;
	const variables = { runIds: [...runIds], keys: keys === null ? null : [...keys], replay: keys === null };
	const stream = client.streamWithCursor(LiveMetricsDocument, variables, (frame) => frame.liveMetrics.cursor, {
		signal,
	});
	for await (const frame of stream) {
		if (!isBegun) yield { stored: await stored(graft, runIds, keys ?? [], signal) };
		isBegun = true;
		yield { frame };
	}
}

async function stored(
	graft: Graft,
	runIds: readonly string[],
	keys: readonly string[],
	signal: AbortSignal,
): Promise<StoredLinesQuery> {
	const variables = { runIds: [...runIds], keys: [...keys], buckets: MOST_STRETCHES };
	for (;;) {
		try {
			return await ask(graft, StoredLinesDocument, variables, signal);
		} catch (error) {
			if (signal.aborted || !isUnavailable(error)) throw error;
			await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
		}
	}
}

function begin(live: LiveLines, { metricSeries }: StoredLinesQuery): void {
	for (const { run, key, points, steps, mean, min, max, nonFinite } of metricSeries)
		live.begin(run.id, key, {
			attempt: Math.max(0, ...run.attempts.map(({ number }) => number)),
			points,
			steps: decodeList(steps),
			mean: decodeList(mean),
			min: decodeList(min),
			max: decodeList(max),
			broken: nonFinite[0]?.step ?? null,
		});
}

function framesOf({ liveMetrics }: LiveMetricsSubscription): LiveFrame[] {
	return liveMetrics.series.map(({ steps, values, ...series }) => ({
		...series,
		steps: decodeList(steps),
		values: decodeList(values),
	}));
}
