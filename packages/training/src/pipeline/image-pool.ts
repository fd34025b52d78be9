import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { GraftError } from '@graft/domain/error';
import { type ImageJob, type ImageScan, runImageJob } from './image-jobs.js';
import type { ImageAnswer } from './image-worker.js';

/** Threads that decode and augment images beside training. */
export interface ImagePool {
	/** 0: it is done in the calling thread. */
	readonly threads: number;
	/** @throws GraftError DATA that names the image. */
	read(job: Exclude<ImageJob, { kind: 'scan' }>): Promise<Float32Array>;
	scan(files: readonly string[]): Promise<readonly ImageScan[]>;
}

/** One core is training's, and more than four threads decode faster than most back ends train. */
export const defaultThreads = (): number => Math.min(4, Math.max(1, availableParallelism() - 1));

const pools = new Map<number, ImagePool>();

/** The process' pool of so many threads; they are started when there is work for them, and keep no process alive. */
export function imagePool(threads: number): ImagePool {
	const pool = pools.get(threads) ?? createPool(threads);
	pools.set(threads, pool);
	return pool;
}

interface Waiting {
	readonly job: ImageJob;
	readonly resolve: (result: unknown) => void;
	readonly reject: (error: Error) => void;
}

function createPool(threads: number): ImagePool {
	const idle: Worker[] = [];
	const queue: Waiting[] = [];
	let alive = 0;

	const next = (): void => {
		while (queue.length > 0 && (idle.length > 0 || alive < threads)) {
			const worker = idle.pop() ?? start();
			work(worker, queue.shift() as Waiting);
		}
	};
	const start = (): Worker => {
		alive += 1;
		// The built file in both places: a thread cannot run the sources that tests run.
		const program = new URL('../../dist/pipeline/image-worker.js', import.meta.url);
		// Without the process' own flags, which may resolve workspaces to their sources.
		const worker = new Worker(program, { execArgv: [] });
		worker.once('exit', () => {
			alive -= 1;
			const place = idle.indexOf(worker);
			if (place >= 0) idle.splice(place, 1);
		});
		return worker;
	};
	const work = (worker: Worker, { job, resolve, reject }: Waiting): void => {
		worker.ref();
		const end = (settle: () => void, isAlive: boolean): void => {
			worker.removeAllListeners('message').removeAllListeners('error');
			if (isAlive) {
				worker.unref();
				idle.push(worker);
			}
			settle();
			next();
		};
		worker.once('message', (answer: ImageAnswer) =>
			end(() => (answer.ok ? resolve(answer.result) : reject(errorOf(answer))), true),
		);
		// The thread is gone, as when its memory ran out; the next job gets another one.
		worker.once('error', (error) => end(() => reject(error), false));
		worker.postMessage(job, job.kind === 'augment' ? [job.values.buffer as ArrayBuffer] : []);
	};
	const run = (job: ImageJob): Promise<unknown> => {
		if (threads === 0) return runImageJob(job);
		return new Promise((resolve, reject) => {
			queue.push({ job, resolve, reject });
			next();
		});
	};
	return {
		threads,
		read: async (job) => (await run(job)) as Float32Array,
		scan: async (files) => (await run({ kind: 'scan', files })) as ImageScan[],
	};
}

const errorOf = ({ code, message, details }: Extract<ImageAnswer, { ok: false }>): Error =>
	code === null ? new Error(message) : new GraftError(code, message, { ...details });
