import { createGraftClient } from '@graft/client/node';
import { createLogger } from '@graft/runtime/logger';
import { selectBackend } from '@graft/training/backend';
import type { TrainerEnv } from '../env.js';
import type { FromSeat, ToSeat } from './messages.js';
import { openWorkplace } from './open-workplace.js';
import { localSeat } from './seat.js';

/** The longest that a run may take to be handed back when the trainer is gone. */
const LEAVE_MS = 10_000;

/**
 * One seat as a process of its own: trains the runs that its trainer sends, one after the other. Ends when the trainer lets
 * go of it; where the trainer was killed, the run that is being trained is handed back first.
 */
export async function serveSeat(env: TrainerEnv): Promise<number> {
	const leaving = new AbortController();
	const gone = new Promise<void>((resolve) => process.once('disconnect', resolve));
	// A terminal's Ctrl-C reaches us too; when to leave is the trainer's to say.
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
	const logger = createLogger('trainer', env.logLevel);
	const client = createGraftClient({ url: env.apiUrl, keepsSocket: true });
	const opened = selectBackend(env.backend, env.dataDir).then(({ name }) =>
		localSeat(openWorkplace(env, name, { client, shutdown: leaving.signal })),
	);
	opened.catch(() => undefined);
	let working: Promise<unknown> = Promise.resolve();
	process.on('message', (message: ToSeat) => {
		if (message.kind === 'stop') leaving.abort();
		if (message.kind === 'renew') void opened.then((seat) => seat.renewNow());
		if (message.kind === 'job') {
			const { job } = message;
			working = opened
				.then((seat) => seat.execute(job, logger.child({ runId: job.lease.runId, attempt: job.attempt })))
				.then((outcome) => process.send?.({ kind: 'outcome', outcome } satisfies FromSeat))
				.catch((error: unknown) => {
					// A seat that cannot train is a process that ends: the trainer gives the run back.
					logger.fatal({ error: String(error) }, 'The process of a slot failed.');
					process.exit(1);
				});
		}
	});
	await gone;
	leaving.abort();
	setTimeout(() => process.exit(1), LEAVE_MS).unref();
	await working;
	await client.close();
	return 0;
}
