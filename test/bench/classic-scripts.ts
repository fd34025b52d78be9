import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { atMost, type Benchmark, type Figure, notMeasured } from './figure.js';
import { runProgram } from './program.js';

type Course = Readonly<Record<'train_loss' | 'val_loss', readonly number[]>>;
type Courses = Readonly<Record<'resnet50' | 'bert', Course>>;
interface Compared {
	readonly backend: string;
	readonly graft: Courses;
	readonly keras: Courses | null;
	/** Why Python said nothing. */
	readonly reason: string | null;
}

/** Loss after each epoch, at the most so far from that of the Python original. */
const GOAL = 1e-3;

/** The scripts of examples/ beside Python's, on the same weights, data and order. */
export const classicScripts: Benchmark = {
	name: 'scripts',
	about:
		'losses of the scripts in examples/, small, beside Keras’ (GRAFT_PYTHON has tensorflow, pillow, scipy, tokenizers)',
	async run(log) {
		const folder = mkdtempSync(path.join(os.tmpdir(), 'graft-scripts-'));
		try {
			const args = ['compare', folder, process.env.GRAFT_PYTHON ?? 'python3'];
			const program = 'packages/training/dist/bench/classic/classic-scripts.js';
			const compared = (await runProgram(program, args, log)) as Compared;
			log(JSON.stringify(compared));
			return (['resnet50', 'bert'] as const).flatMap((script) =>
				(['train_loss', 'val_loss'] as const).map((key) => difference(script, key, compared)),
			);
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	},
};

function difference(script: keyof Courses, key: keyof Course, { graft, keras, reason }: Compared): Figure {
	const name = `${script} ${key}, largest difference`;
	if (keras === null) return notMeasured(name, '', `<= ${GOAL}`, reason ?? 'Python said nothing');
	const [ours, theirs] = [graft[script][key], keras[script][key]];
	if (ours.length !== theirs.length)
		throw new Error(`${script}: ${ours.length} epochs here, ${theirs.length} in Python`);
	return atMost(name, Math.max(...ours.map((loss, epoch) => Math.abs(loss - (theirs[epoch] ?? Number.NaN)))), '', GOAL);
}
