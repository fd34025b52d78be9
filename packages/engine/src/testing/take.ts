/** Takes frames until `enough` says so, then leaves the stream as a client does that loses its connection. */
export async function take<T>(
	open: (signal: AbortSignal) => AsyncIterable<T>,
	enough: (frames: readonly T[]) => boolean,
): Promise<T[]> {
	const leave = new AbortController();
	const frames: T[] = [];
	for await (const frame of open(leave.signal)) {
		frames.push(frame);
		if (enough(frames)) leave.abort();
	}
	return frames;
}
