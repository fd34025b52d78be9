import { spawn } from 'node:child_process';
import path from 'node:path';
import { root } from '../support/process.js';

/** Runs a built program of the checkout to its end; what it prints is one JSON value, what it says beside goes to `log`. */
export async function runProgram(file: string, args: readonly string[], log: (line: string) => void): Promise<unknown> {
	const child = spawn(process.execPath, [path.join(root, file), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
	let printed = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		printed += text;
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => log(text.trimEnd()));
	const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
	if (code !== 0) throw new Error(`${file} ended with ${code}`);
	return JSON.parse(printed);
}
