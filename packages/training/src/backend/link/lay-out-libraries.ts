import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import path from 'node:path';

const TENSORFLOW = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/**
 * Links TensorFlow's libraries into `deps/python` and NVIDIA's, where pip has put them beside TensorFlow, into
 * `deps/nvidia`: what a library looks for by its own place it then finds there. TensorFlow opens CUDA's libraries by name,
 * and the folders that it looks through lack some (2.21: that of cuSOLVER, so that no GPU is used at all). So each of
 * these folders is given the libraries of all.
 */
export async function layOutLibraries(deps: string, tensorflow: string): Promise<void> {
	await mkdir(path.join(deps, 'python'), { recursive: true });
	for (const name of TENSORFLOW) await symlink(path.join(tensorflow, name), path.join(deps, 'python', name));
	const nvidia = path.join(tensorflow, '../nvidia');
	if (!existsSync(nvidia)) return;
	const packages = (await readdir(nvidia, { withFileTypes: true })).filter((entry) => entry.isDirectory());
	const libraries = new Map<string, string>();
	for (const { name } of packages) {
		for (const file of await entriesOf(path.join(nvidia, name, 'lib'))) {
			if (file.includes('.so')) libraries.set(file, path.join(nvidia, name, 'lib', file));
		}
	}
	for (const { name } of packages) {
		await mkdir(path.join(deps, 'nvidia', name), { recursive: true });
		// Beside libraries there are programs (ptxas) and code for devices, which TensorFlow finds the same way.
		for (const entry of await entriesOf(path.join(nvidia, name))) {
			if (entry !== 'lib') await symlink(path.join(nvidia, name, entry), path.join(deps, 'nvidia', name, entry));
		}
		if (!existsSync(path.join(nvidia, name, 'lib'))) continue;
		await mkdir(path.join(deps, 'nvidia', name, 'lib'));
		for (const [file, at] of libraries) await symlink(at, path.join(deps, 'nvidia', name, 'lib', file));
	}
}

const entriesOf = async (folder: string): Promise<string[]> => (existsSync(folder) ? readdir(folder) : []);
