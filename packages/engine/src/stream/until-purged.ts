import { isAnyRunLeft } from '@graft/database/run';
import { GraftError } from '@graft/domain/error';
import type { Context } from '../context/context.js';
import { topics } from '../context/topics.js';

/**
 * A stream of runs that ends when the last of them is gone for good, with an error that says so: of a run that was purged from the
 * trash, or that never was, nothing will ever come, and who waits for it should know.
 * @throws GraftError NOT_FOUND from `next`.
 */
export function untilPurged<T>(
	{ hub, database, logger }: Pick<Context, 'hub' | 'database' | 'logger'>,
	runIds: readonly string[],
	signal: AbortSignal,
	open: (signal: AbortSignal) => AsyncIterableIterator<T>,
): AsyncIterableIterator<T> {
	const ending = new AbortController();
	const end = () => ending.abort();
	signal.addEventListener('abort', end, { once: true });
	if (signal.aborted) end();
	const news = hub.listen(runIds.map(topics.purged));
	ending.signal.addEventListener('abort', () => news.close(), { once: true });
	if (ending.signal.aborted) news.close();
	const frames = open(ending.signal);
	let gone: GraftError | null = null;

	async function watch(): Promise<void> {
		do {
			try {
				if (runIds.length > 0 && (await isAnyRunLeft(database, runIds))) continue;
				const which = runIds.length === 1 ? `run ${runIds[0]}` : `${runIds.length} runs`;
				gone = new GraftError('NOT_FOUND', `There is nothing more to stream of ${which}: not here, or purged.`);
				end();
			} catch (error) {
				// All streams look again now and then (see background.ts).
				logger.debug({ err: error }, 'a stream could not look for its runs');
			}
		} while ((await news.next()) !== null);
	}
	const watching = watch();

	const leave = () => {
		signal.removeEventListener('abort', end);
		end();
	};
	async function ended(last: IteratorResult<T>): Promise<IteratorResult<T>> {
		leave();
		await watching;
		if (gone !== null) throw gone;
		return last;
	}
	const looked = (frame: IteratorResult<T>) => (frame.done ? ended(frame) : frame);
	return {
		next: () => frames.next().then(looked),
		async return() {
			leave();
			return (await frames.return?.()) ?? { done: true, value: undefined };
		},
		[Symbol.asyncIterator]() {
			return this;
		},
	};
}
