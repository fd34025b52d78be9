import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { ReleaseRunDocument } from '@graft/client/gql';
import type { GraftClient } from '@graft/client/node';
import type { Logger } from '@graft/runtime/logger';
import type { ExecutionOutcome } from '../work/execute-run.js';
import { requestPersistently } from '../work/persistently.js';
import type { FromSeat, ToSeat } from './messages.js';
import type { Job, Seat } from './seat.js';

const MAIN = path.join(import.meta.dirname, '..', 'main.js');
/** Longer than a seat takes to hand back its run. */
const CLOSE_MS = 11_000;

export interface ProcessSeatOptions {
	readonly client: GraftClient;
	readonly shutdown: AbortSignal;
	readonly env: NodeJS.ProcessEnv;
}

/**
 * A seat in a process of its own, with a heap, a TensorFlow and a core to itself: what one run breaks, no other one
 * notices. The process is started for the first run, and anew where it ended or ran out of memory.
 */
export function processSeat({ client, shutdown, env }: ProcessSeatOptions): Seat {
	let child: ChildProcess | null = null;
	const send = (message: ToSeat) => void (child?.connected && child.send(message));
	const stop = () => send({ kind: 'stop' });
	shutdown.addEventListener('abort', stop, { once: true });

	async function execute(job: Job, logger: Logger): Promise<ExecutionOutcome> {
		// Without the flags of this process: what the CLI preloads holds a descriptor that is another one's there.
		child ??= fork(MAIN, ['seat'], {
			env,
			execArgv: [],
			serialization: 'advanced',
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		});
		const ended = outcomeOf(child);
		send({ kind: 'job', job });
		if (shutdown.aborted) stop();
		const outcome = await ended;
		if (outcome.kind === 'died') {
			child = null;
			return giveBack(client, job, outcome.how, logger);
		}
		if (outcome.kind !== 'fail' || !outcome.endsProcess) return outcome;
		await close();
		return { ...outcome, endsProcess: false };
	}

	async function close(): Promise<void> {
		const closing = child;
		child = null;
		if (closing === null || closing.exitCode !== null || closing.signalCode !== null) return;
		const exited = new Promise((resolve) => closing.once('exit', resolve));
		if (closing.connected) closing.disconnect();
		const timer = setTimeout(() => closing.kill('SIGKILL'), CLOSE_MS);
		await exited;
		clearTimeout(timer);
	}

	return {
		execute,
		renewNow: () => send({ kind: 'renew' }),
		close: async () => {
			shutdown.removeEventListener('abort', stop);
			await close();
		},
	};
}

type Ended = ExecutionOutcome | { readonly kind: 'died'; readonly how: string };

/** What the process says of its run, or how it ended without a word. */
function outcomeOf(child: ChildProcess): Promise<Ended> {
	return new Promise((resolve) => {
		const said = ({ outcome }: FromSeat) => settle(outcome);
		const died = (code: number | null, signal: string | null) =>
			settle({ kind: 'died', how: signal ?? `exit code ${code}` });
		const failed = (error: Error) => settle({ kind: 'died', how: error.message });
		function settle(ended: Ended) {
			child.off('message', said).off('exit', died).off('error', failed);
			resolve(ended);
		}
		child.on('message', said).on('exit', died).on('error', failed);
	});
}

/** Nobody holds the run any more: said at once, that need not wait for the lease to run out. */
async function giveBack(client: GraftClient, { lease, heartbeatMs }: Job, how: string, logger: Logger) {
	const reason = `The process that trained it ended with ${how}.`;
	const failure = { kind: 'LEASE_EXPIRED', message: reason, retryable: true };
	const signal = AbortSignal.timeout(2 * heartbeatMs);
	try {
		await requestPersistently(client, ReleaseRunDocument, { lease, reason, failure }, { signal, logger });
	} catch (error) {
		logger.warn({ error: String(error) }, 'The run could not be handed back; its lease will run out.');
	}
	return { kind: 'abandon', reason, next: null } as const;
}
