import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A native addon that does not fit the machine can end the whole process: it is tried in a child first. */
const PROBE_TIMEOUT_MS = 120_000;

/**
 * One training step on a convolution, kernel by kernel: loading alone does not show what is missing. The filter [1, 2]
 * learns from two cells of 1 with the mean square as its loss and .5 as its rate.
 */
const STEP = `
	if (!(await tf.setBackend(name))) throw new Error('the back end does not start');
	const x = tf.ones([1, 1, 2, 1]);
	const filter = tf.tensor([1, 2], [1, 1, 1, 2]);
	const convolution = { strides: 1, pad: 'valid', dataFormat: 'NHWC', filterShape: filter.shape };
	const dy = tf.mul(tf.conv2d(x, filter, 1, 'valid'), 2 / 4);
	const gradient = tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, convolution);
	const learned = [...(await tf.sub(filter, tf.mul(gradient, 0.5)).data())];
	if (learned.join() !== '0.5,1') throw new Error('a training step gives ' + learned + ' instead of 0.5,1');
`;

export type ProbeResult<Said> =
	| { readonly ok: true; readonly said: Said; readonly log: string }
	| { readonly ok: false; readonly why: string };

/**
 * Does a training step in a child process. `load` is JavaScript that leaves `tf` and the back end's `name` (its `args`
 * are in `process.argv` from 1 on), `say` an expression for what it found; that comes back, and what the child logged.
 */
export async function probeStep<Said>(load: string, args: readonly string[], say: string): Promise<ProbeResult<Said>> {
	const program = `(async () => {${load}${STEP}process.stdout.write(JSON.stringify(${say}), () => process.exit(0));
})().catch((error) => { console.error(error); process.exit(1); });`;
	try {
		const { stdout, stderr } = await run(process.execPath, ['-e', program, ...args], { timeout: PROBE_TIMEOUT_MS });
		return { ok: true, said: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Said, log: stderr };
	} catch (error) {
		return { ok: false, why: firstCause(error) };
	}
}

/** The line of the child's stderr that names the error, or how it ended. */
function firstCause(error: unknown): string {
	const { stderr, signal, message } = error as { stderr?: string; signal?: string; message: string };
	const lines = (stderr ?? '').split('\n').map((line) => line.trim());
	const named = lines.find((line) => /^(\w*Error|Error)\b.*:/.test(line));
	return named ?? (signal ? `it ended with ${signal}` : (message.split('\n')[0] ?? message));
}
