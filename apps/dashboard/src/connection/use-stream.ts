import type { GraftClient } from '@graft/client/browser';
import { useEffect, useRef } from 'react';
import { batchFrames, paced } from './frame-batch';
import { useGraft } from './GraftProvider';

/**
 * Reads a stream for as long as the component stands, and hands its frames over at an animation frame, twenty times a second at most.
 * `key` names what is streamed: another key ends the stream and opens the next; null opens none.
 */
export function useStream<Frame>(
	key: string | null,
	open: (client: GraftClient, signal: AbortSignal) => AsyncIterable<Frame>,
	onFrames: (frames: readonly Frame[]) => void,
): void {
	const graft = useGraft();
	const latest = useRef({ open, onFrames });
	useEffect(() => {
		latest.current = { open, onFrames };
	});
	useEffect(() => {
		if (key === null) return;
		const ending = new AbortController();
		const batch = batchFrames<Frame>((frames) => latest.current.onFrames(frames), paced());
		const read = async () => {
			for await (const frame of latest.current.open(graft.client(), ending.signal)) batch.push(frame);
		};
		read().catch((error: unknown) => {
			if (!ending.signal.aborted) graft.reach.streamRefused(error instanceof Error ? error.message : String(error));
		});
		return () => {
			ending.abort();
			batch.stop();
		};
	}, [key, graft]);
}
