import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { RunToExportDocument, type RunToExportQuery } from '@graft/client/gql';
import { createGraftClient, downloadArtifact, type GraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import { type Command, Option } from 'commander';
import { childEnv } from '../env.js';
import { PROGRAMS } from '../platform/paths.js';
import { printJson, printLines } from '../terminal/output.js';
import { wordsOf } from '../weights/bring-weights.js';
import { resolveApi } from './platform-flags.js';

interface ExportFlags {
	readonly format: string;
	readonly weights: 'best' | 'final';
	readonly out?: string;
	readonly api?: string;
	readonly json?: boolean;
}

const ABOUT = `
Beside the model lie graft.json (labels, preprocessing, plan, metrics, digests) and README.md (the same for people).
tfjs is a layers model, and for Transformers a graph model; h5 is a whole model for keras.models.load_model. safetensors of
Transformers come with config.json, so that AutoTokenizer and AutoModelFor… of Hugging Face's library read them.

Examples:
  graft export 0199d3a4-… --format tfjs --out web/model
  graft export 0199d3a4-… --format onnx --weights best --json
`;

export function addExport(program: Command): void {
	program
		.command('export')
		.argument('<run>', 'id of a run that has succeeded')
		.description('Write the model that a run has trained for TensorFlow.js, Hugging Face, Keras or ONNX.')
		.addOption(
			new Option('--format <name>', 'what is to read it')
				.choices(['tfjs', 'safetensors', 'h5', 'onnx'])
				.makeOptionMandatory(),
		)
		.addOption(
			new Option('--weights <which>', 'those of its last step, or of the epoch that validation judged best')
				.choices(['best', 'final'])
				.default('final'),
		)
		.option('--out <dir>', 'folder for the files, new or empty (default: <run>-<format>)')
		.option('--api <url>', 'address of the API (default: http://127.0.0.1:4620)')
		.option('--json', 'print what was written as one JSON object on stdout')
		.addHelpText('after', ABOUT)
		.action(exportRun);
}

const MISSING = {
	best: 'The run has kept no best weights: no epoch of it was judged, or keepBest was off.',
	final: 'The run has left no checkpoint.',
};

interface Written {
	readonly files: readonly { readonly name: string; readonly sha256: string }[];
	readonly readBy: string | null;
}

async function exportRun(id: string, { format, weights, out, api, json }: ExportFlags): Promise<void> {
	const folder = path.resolve(out ?? `${id}-${format}`);
	const client = createGraftClient({ url: resolveApi(api) });
	const scratch = await mkdtemp(path.join(tmpdir(), 'graft-export-'));
	try {
		const { run } = await client.request(RunToExportDocument, { id });
		const job = path.join(scratch, 'job.json');
		await writeFile(job, JSON.stringify({ ...(await describeJob(client, id, run, weights, scratch)), format, folder }));
		const written = await runTrainer(job);
		if (json) printJson({ run: id, format, folder, ...written });
		else printLines([`Wrote ${folder}:`, ...written.files.map(({ name, sha256 }) => `  ${name}  sha256 ${sha256}`)]);
	} finally {
		await rm(scratch, { recursive: true, force: true });
		await client.close();
	}
}

/** What the trainer program has to know; the files that it needs are fetched into `scratch`. */
async function describeJob(
	client: GraftClient,
	id: string,
	run: RunToExportQuery['run'],
	weights: ExportFlags['weights'],
	scratch: string,
) {
	if (!run) throw new GraftError('CONFIGURATION', `There is no run ${id}.`, { id });
	if (run.status !== 'SUCCEEDED') {
		throw new GraftError('CONFIGURATION', `The run is ${run.status}; a model comes from a run that has SUCCEEDED.`, {
			id,
		});
	}
	if (run.spec == null) {
		throw new GraftError(
			'CONFIGURATION',
			'A script trained this run by itself: its model is where the script left it.',
			{ id },
		);
	}
	// The API keeps it as the trainer got it.
	const spec = run.spec as unknown as RunSpec;
	const left = run.artifacts.filter(({ kind, name }) => kind === 'checkpoint' && name === weights).at(-1);
	if (left === undefined) throw new GraftError('DATA', MISSING[weights], { id });
	const keep = async (digest: string, name: string): Promise<string> => {
		const file = path.join(scratch, name);
		await writeFile(file, await downloadArtifact(client, digest));
		return file;
	};
	const { tokenizer } = spec.backbone.input;
	const { test_accuracy, test_loss, test_mae, test_perplexity, val_accuracy, val_loss, val_mae, val_perplexity } = run;
	const tested = { test_accuracy, test_loss, test_mae, test_perplexity };
	const summaries = { ...tested, val_accuracy, val_loss, val_mae, val_perplexity };
	const metrics = Object.entries(summaries).flatMap(([name, one]) =>
		one?.value == null ? [] : [[name, one.value] as const],
	);
	return {
		spec,
		checkpoint: await keep(left.digest, 'checkpoint.safetensors'),
		tokenizer: tokenizer === null ? null : await keep(tokenizer, 'tokenizer.json'),
		facts: {
			...{ id, name: run.name, strategy: run.strategyLabel ?? spec.strategy.kind, checkpoint: left.digest },
			metrics: Object.fromEntries(metrics),
			source: run.backbone?.source ?? null,
			licence: run.backbone?.licence ?? null,
		},
	};
}

const execute = promisify(execFile);

async function runTrainer(job: string): Promise<Written> {
	try {
		const { stdout } = await execute(process.execPath, [PROGRAMS.trainer, 'export-model', '--job', job], {
			env: childEnv({}),
		});
		return JSON.parse(stdout) as Written;
	} catch (error) {
		const { stderr = '', message } = error as { stderr?: string; message: string };
		throw new GraftError('DATA', wordsOf(stderr) || message);
	}
}
