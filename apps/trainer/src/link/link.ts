import { linkTensorFlow } from '@graft/training/backend';

/** Links a Python's TensorFlow; progress goes to stderr, what was linked to stdout. Answers the exit code. */
export async function link(
	flags: { readonly python?: string; readonly gpu?: boolean; readonly json?: boolean },
	dataDir: string,
): Promise<number> {
	const manifest = await linkTensorFlow({
		python: flags.python ?? 'python3',
		gpu: flags.gpu ?? false,
		dataDir,
		say: (line) => process.stderr.write(`${line}\n`),
	});
	const name = manifest.gpu ? 'tensorflow-gpu' : 'tensorflow';
	const told = `Linked: trainers on this machine use the back end ${name} (TensorFlow ${manifest.version}).`;
	process.stdout.write(`${flags.json ? JSON.stringify(manifest) : told}\n`);
	return 0;
}
