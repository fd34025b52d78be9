import { resumeRun, startRun } from '@graft/client/node';

/** What a user's own script does, run as a process by tests: logs a value for each step and says how far it is. */
export interface LoggingScript {
	readonly url: string;
	readonly spoolDir: string;
	/** Go on with the run that an earlier process left. */
	readonly resume: boolean;
	readonly from: number;
	readonly to: number;
	readonly everyMs: number;
}

const wanted: LoggingScript = JSON.parse(process.argv[2] ?? '');
const { url, spoolDir } = wanted;
const run = wanted.resume
	? resumeRun({ spoolDir })
	: await startRun({ url, spoolDir, experiment: 'scripts', metric: 'loss', direction: 'MINIMIZE' });
console.log(`run ${run.id}`);
for (let step = wanted.from; step <= wanted.to; step += 1) {
	run.log({ loss: step === 13 ? Number.NaN : step, 'a/b': -step }, { step });
	if (step % 100 === 0) {
		run.line(`step ${step}`);
		run.event('HUNDRED', `step ${step}`, { step });
		console.log(`logged ${step}`);
	}
	if (wanted.everyMs > 0) await new Promise((resolve) => setTimeout(resolve, wanted.everyMs));
}
await run.finish({ steps: wanted.to });
console.log('finished');
process.exit(0);
