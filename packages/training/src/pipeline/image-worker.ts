import { parentPort } from 'node:worker_threads';
import { GraftError } from '@graft/domain/error';
import { type ImageJob, runImageJob } from './image-jobs.js';

/** What a thread answers: the result, or what a GraftError is made of again. */
export type ImageAnswer =
	| { readonly ok: true; readonly result: Awaited<ReturnType<typeof runImageJob>> }
	| {
			readonly ok: false;
			readonly code: GraftError['code'] | null;
			readonly message: string;
			readonly details: object;
	  };

parentPort?.on('message', async (job: ImageJob) => {
	try {
		const result = await runImageJob(job);
		const moved = result instanceof Float32Array ? [result.buffer as ArrayBuffer] : [];
		parentPort?.postMessage({ ok: true, result } satisfies ImageAnswer, moved);
	} catch (error) {
		const known = error instanceof GraftError ? error : null;
		const { message } = error as Error;
		const answer: ImageAnswer = { ok: false, code: known?.code ?? null, message, details: { ...known?.details } };
		parentPort?.postMessage(answer);
	}
});
