import { decodeList } from '@graft/client/browser';
import { useEffect, useRef, useState } from 'react';
import { useStream } from '../connection/use-stream';
import { LiveMetricsDocument } from '../gql/graphql';
import { mergeFrames, type PointMap } from './live-points';

const NO_POINTS: PointMap = new Map();

/**
 * Points of these runs as they are logged: first what is stored, then live. One state change per drawing,
 * however many frames arrive. `keys` null: every metric.
 */
export function useLivePoints(
	runIds: readonly string[],
	keys: readonly string[] | null,
	onNews?: () => void,
): PointMap {
	const [points, setPoints] = useState<PointMap>(NO_POINTS);
	const key = runIds.length === 0 ? null : `${keys?.join(',') ?? '*'}#${runIds.join(',')}`;
	const measure = keys?.join(',') ?? '*';
	const shown = useRef(measure);
	useEffect(() => {
		// Another metric: what was collected is of no use.
		if (shown.current !== measure) setPoints(NO_POINTS);
		shown.current = measure;
	}, [measure]);
	useStream(
		key,
		(client, signal) =>
			client.streamWithCursor(
				LiveMetricsDocument,
				{ runIds: [...runIds], keys: keys === null ? null : [...keys] },
				(frame) => frame.liveMetrics.cursor,
				{ signal },
			),
		(frames) => {
			setPoints((known) =>
				mergeFrames(
					known,
					frames.flatMap(({ liveMetrics }) =>
						liveMetrics.series.map(({ steps, values, ...series }) => ({
							...series,
							steps: decodeList(steps),
							values: decodeList(values),
						})),
					),
				),
			);
			onNews?.();
		},
	);
	return points;
}
