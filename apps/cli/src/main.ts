import { readFileSync } from 'node:fs';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import { EnvironmentError } from '@graft/runtime/env';
import { Command, CommanderError } from 'commander';
import { addBackbone } from './commands/backbone.js';
import { addBackup } from './commands/backup.js';
import { addCompare } from './commands/compare.js';
import { addDataset } from './commands/dataset.js';
import { addDemo } from './commands/demo.js';
import { addDoctor } from './commands/doctor.js';
import { addExperiment } from './commands/experiment.js';
import { addExport } from './commands/export.js';
import { addRun } from './commands/run.js';
import { addRuns } from './commands/runs.js';
import { addSweep } from './commands/sweep.js';
import { addTensorFlow } from './commands/tensorflow.js';
import { addTrainer } from './commands/trainer.js';
import { addUp } from './commands/up.js';
import { addWorker } from './commands/worker.js';
import { ROOT } from './platform/paths.js';

const EXAMPLES = `
Examples:
  graft demo                                   the whole journey on real data, live
  graft up                                     the platform: database, API, dashboard, a trainer
  graft trainer --api http://gpu-desk:4620     one more trainer, from another machine
  graft backbone import resnet50.h5 --architecture resnet50 --name resnet
  graft run examples/bert-sentiment.yaml --dataset ~/reviews --backbone bert-base-uncased
  graft compare "Digits 6 to 9 from few labels"
  graft export RUN --format onnx               the model of a run for another program
  graft backup monday.tar                      database and artifacts in one file, while it runs
  graft doctor                                 what of this machine Graft can use

Environment: GRAFT_API_URL, GRAFT_PORT, GRAFT_DASHBOARD_PORT, GRAFT_DATA_DIR, DATABASE_URL.
Exit codes: 0 done, 1 it did not work (the message says what to do), 2 the command line is wrong.
`;

function createProgram(): Command {
	const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
	const program = new Command('graft')
		.description('Experiment tracking for transfer learning: which strategy, on which backbone, for your data?')
		.version(version)
		.showHelpAfterError('(graft --help tells more)')
		.addHelpText('after', EXAMPLES)
		.exitOverride();
	const commands = [
		addUp,
		addDemo,
		addTrainer,
		addBackup,
		addBackbone,
		addDataset,
		addRun,
		addCompare,
		addSweep,
		addExport,
		addExperiment,
		addRuns,
		addWorker,
		addTensorFlow,
		addDoctor,
	];
	for (const add of commands) add(program);
	// Commands made earlier do not inherit settings of their parent that come later.
	for (const command of program.commands) {
		command.exitOverride();
		for (const inner of command.commands) inner.exitOverride();
	}
	return program;
}

/** Exit code for what ended a command, after telling a person. */
function explain(error: unknown): number {
	if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
	if (error instanceof GraftError || error instanceof EnvironmentError) {
		process.stderr.write(`${error.message}\n`);
		return error instanceof GraftError && error.code === 'SHUTDOWN' ? 130 : 1;
	}
	process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
	return 1;
}

// A reader that has seen enough (`graft compare ... | head`) is no failure.
process.stdout.on('error', () => process.exit(0));
try {
	await createProgram().parseAsync();
} catch (error) {
	process.exitCode = explain(error);
}
// Whatever is still open (keep-alive sockets, timers) has nothing more to do.
process.exit();
