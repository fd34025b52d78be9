import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A program that answers with a number: one at its start, and one for each line that it is sent. */
export interface LineProgram {
	readonly next: () => Promise<number>;
	readonly ask: () => Promise<number>;
	readonly end: () => Promise<void>;
}

export function openProgram(command: string, args: readonly string[]): LineProgram {
	const child = spawn(command, [...args], { stdio: ['pipe', 'pipe', 'inherit'] });
	const closed = once(child, 'close');
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const next = async () => {
		const { value, done } = await lines.next();
		if (!done) return Number(value);
		await closed;
		throw new Error(`${command} ${args.join(' ')} ended with ${child.exitCode}`);
	};
	return {
		next,
		ask: async () => {
			child.stdin.write('\n');
			return next();
		},
		end: async () => {
			child.stdin.end();
			await closed;
		},
	};
}

/** Seconds of `count` answers of both, turn by turn, after some that make them ready: other work on the machine meets both. */
export async function turnByTurn(
	one: LineProgram,
	other: LineProgram,
	{ warmUp, count }: { readonly warmUp: number; readonly count: number },
): Promise<readonly [readonly number[], readonly number[]]> {
	const seconds: [number[], number[]] = [[], []];
	for (let turn = 0; turn < warmUp + count; turn++) {
		const pair = [await one.ask(), await other.ask()] as const;
		if (turn < warmUp) continue;
		seconds[0].push(pair[0]);
		seconds[1].push(pair[1]);
	}
	await Promise.all([one.end(), other.end()]);
	return seconds;
}
