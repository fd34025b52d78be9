import { parseArgs } from 'node:util';
import { GraftError } from '@graft/domain/error';
import { EnvironmentError } from '@graft/runtime/env';
import { quietTensorFlow, readEnv } from './env.js';

const HELP = `Graft's trainer: takes runs from the API, trains them, reports.

  node apps/trainer/dist/main.js                              work until SIGTERM
  node apps/trainer/dist/main.js inspect-dataset [--progress] --json '{"uri": "file:///…", "format": "image-folder", "options": {...}}'
  node apps/trainer/dist/main.js import-weights --json '{"file": "resnet50.h5", "architecture": "resnet50"}'
                                                              make a backbone's file; {"pull": "owner/model"} fetches first
  node apps/trainer/dist/main.js export-model --job job.json    write a run's model for another ecosystem
  node apps/trainer/dist/main.js probe --json                 which back ends work on this machine
  node apps/trainer/dist/main.js tensorflow-link --python python3 [--gpu] [--json]
                                                              build native TensorFlow from a Python installation

Environment: GRAFT_API_URL (http://127.0.0.1:4620), GRAFT_WORKER_NAME, GRAFT_WORKER_LABELS
(gpu=a100,room=2: what runs may ask for), GRAFT_BACKEND (auto, tensorflow-gpu, webgpu,
tensorflow, wasm), GRAFT_DATA_DIR (.graft), GRAFT_CACHE_BYTES (4294967296: most bytes of kept activations),
GRAFT_DATA_CACHE_BYTES (21474836480: most bytes of fetched data), GRAFT_DATA_THREADS (threads that decode images),
GRAFT_SLOTS (1: runs at once), GRAFT_CHECKPOINT_STEPS (1000) and GRAFT_CHECKPOINT_SECONDS (60): a checkpoint after whichever comes first,
GRAFT_LOG_LEVEL (info).
`;

quietTensorFlow();

/** Loads only what the command needs: TensorFlow takes a second. */
async function main(args: string[]): Promise<number> {
	const [command, ...rest] = args;
	if (command === undefined) return (await import('./work/start-work.js')).startWork(readEnv());
	// Started by a trainer of several slots, for one of them.
	if (command === 'seat' && process.send !== undefined) {
		return (await import('./seat/serve-seat.js')).serveSeat(readEnv());
	}
	if (command === 'inspect-dataset') {
		const options = { json: { type: 'string' }, progress: { type: 'boolean' } } as const;
		const { values } = parseArgs({ args: rest, options });
		const { inspectFromJson } = await import('./inspect/inspect-dataset.js');
		const { dataAccess } = await import('./data-access.js');
		const onProgress = (progress: object) => {
			if (values.progress) process.stderr.write(`${JSON.stringify({ progress })}\n`);
		};
		const found = await inspectFromJson(values.json ?? '', { ...dataAccess(readEnv()), onProgress });
		process.stdout.write(`${JSON.stringify(found)}\n`);
		return 0;
	}
	if (command === 'import-weights') {
		const { values } = parseArgs({ args: rest, options: { json: { type: 'string' } } });
		const { bringWeights } = await import('./weights/bring-weights.js');
		const { dataDir, sources } = readEnv();
		await bringWeights(values.json ?? '', { dataDir, ...sources }, (line) => {
			process.stdout.write(`${JSON.stringify(line)}\n`);
		});
		return 0;
	}
	if (command === 'export-model') {
		const { values } = parseArgs({ args: rest, options: { job: { type: 'string' } } });
		const { exportModel } = await import('./export/export-model.js');
		process.stdout.write(`${JSON.stringify(await exportModel(values.job ?? ''))}\n`);
		return 0;
	}
	if (command === 'probe') {
		const { values } = parseArgs({ args: rest, options: { json: { type: 'boolean' } } });
		const { probeBackends, releaseBackend } = await import('@graft/training/backend');
		const tries = await probeBackends(readEnv().dataDir);
		releaseBackend();
		const lines = tries.map(({ name, loaded, reason }) => `${loaded ? 'works' : 'no   '}  ${name}: ${reason}`);
		process.stdout.write(`${values.json ? JSON.stringify(tries) : lines.join('\n')}\n`);
		return 0;
	}
	if (command === 'tensorflow-link') {
		const options = { python: { type: 'string' }, gpu: { type: 'boolean' }, json: { type: 'boolean' } } as const;
		const { values } = parseArgs({ args: rest, options });
		return (await import('./link/link.js')).link(values, readEnv().dataDir);
	}
	const asked = command === '--help' || command === '-h';
	process[asked ? 'stdout' : 'stderr'].write(asked ? HELP : `There is no command ${command}.\n\n${HELP}`);
	return asked ? 0 : 2;
}

try {
	process.exit(await main(process.argv.slice(2)));
} catch (error) {
	const expected = error instanceof GraftError || error instanceof EnvironmentError;
	const usage = (error as { code?: unknown }).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION';
	process.stderr.write(`${expected || usage ? (error as Error).message : ((error as Error).stack ?? error)}\n`);
	process.exit(usage ? 2 : 1);
}
